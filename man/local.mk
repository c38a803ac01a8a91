dist_man_MANS += man/cscrypto.3
dist_man_MANS += man/chatsecure-protocol.7
