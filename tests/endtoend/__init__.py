"""What a user sees of the commands and tasks, whatever nodes, disks and signals do to them: real processes."""
