dist_man_MANS += man/cscrypto.3
dist_man_MANS += man/chatsecure-protocol.7
dist_man_MANS += man/chatsecure-server.8
dist_man_MANS += man/chatsecure-bench.1
dist_man_MANS += man/chatsecure.1
