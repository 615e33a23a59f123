"""The catalogue on screen: types of request, their policy, their form, the motifs of gestures."""
