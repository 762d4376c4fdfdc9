"""The auditor of the chaos harness, and the harness itself in short form."""
