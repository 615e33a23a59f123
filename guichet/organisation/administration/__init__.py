"""`/agent/administration/`: where the functional administrator sets the house up."""
