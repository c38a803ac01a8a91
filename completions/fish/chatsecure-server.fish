# Completion of chatsecure-server in fish: made by the program from its options.
chatsecure-server --completion fish 2>/dev/null | source
