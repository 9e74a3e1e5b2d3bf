"""What a user sees of commands and tasks, whatever nodes, disks and signals do: real processes."""
