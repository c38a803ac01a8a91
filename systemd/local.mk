# For systemd; --without-systemd leaves it out.
EXTRA_DIST += systemd/chatsecure-server.service.in systemd/chatsecure-server.socket systemd/sysusers.conf \
    systemd/tmpfiles.conf
noinst_DATA += systemd/chatsecure-server.service
CLEANFILES += systemd/chatsecure-server.service

# sbindir is known to make alone.
systemd/chatsecure-server.service: systemd/chatsecure-server.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && \
	    sed 's|@sbindir[@]|$(sbindir)|g' $(srcdir)/systemd/chatsecure-server.service.in >$@.tmp && mv $@.tmp $@

if WITH_SYSTEMD
install-data-local: install-systemd
uninstall-local: uninstall-systemd
endif
.PHONY: install-systemd uninstall-systemd
install-systemd: systemd/chatsecure-server.service
	$(MKDIR_P) '$(DESTDIR)$(systemdsystemunitdir)' '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)'
	$(INSTALL_DATA) systemd/chatsecure-server.service '$(DESTDIR)$(systemdsystemunitdir)'
	$(INSTALL_DATA) $(srcdir)/systemd/chatsecure-server.socket '$(DESTDIR)$(systemdsystemunitdir)'
	$(INSTALL_DATA) $(srcdir)/systemd/sysusers.conf '$(DESTDIR)$(sysusersdir)/chatsecure.conf'
	$(INSTALL_DATA) $(srcdir)/systemd/tmpfiles.conf '$(DESTDIR)$(tmpfilesdir)/chatsecure.conf'
uninstall-systemd:
	rm -f '$(DESTDIR)$(systemdsystemunitdir)/chatsecure-server.service' \
	    '$(DESTDIR)$(systemdsystemunitdir)/chatsecure-server.socket' \
	    '$(DESTDIR)$(sysusersdir)/chatsecure.conf' '$(DESTDIR)$(tmpfilesdir)/chatsecure.conf'
