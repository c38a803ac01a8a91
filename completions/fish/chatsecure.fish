# Completion of chatsecure in fish: made by the program from its options.
chatsecure --completion fish 2>/dev/null | source
