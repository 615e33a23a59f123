"""Mailboxes read by IMAP: stored and committed here, and only then marked as read there."""
