# Completion of chatsecure-bench in fish: made by the program from its options.
chatsecure-bench --completion fish 2>/dev/null | source
