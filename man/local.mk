dist_man_MANS += man/cscrypto.3
