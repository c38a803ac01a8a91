noinst_LIBRARIES += src/common/libcommon.a
src_common_libcommon_a_SOURCES = \
    src/common/certification.c src/common/certification.h \
    src/common/clock.c src/common/clock.h \
    src/common/diagnostic.c src/common/diagnostic.h \
    src/common/file_lock.c src/common/file_lock.h \
    src/common/identity.c src/common/identity.h \
    src/common/lock.h \
    src/common/locked_file.c src/common/locked_file.h \
    src/common/log.c src/common/log.h \
    src/common/net.c src/common/net.h \
    src/common/options.c src/common/options.h \
    src/common/options_completion.c \
    src/common/passphrase.c src/common/passphrase.h \
    src/common/process.c src/common/process.h \
    src/common/state_dir.c src/common/state_dir.h \
    src/common/system_log.c src/common/system_log.h \
    src/common/thread_annotations.h \
    src/common/trust_store.c src/common/trust_store.h

# What both programs link, in the order the linker needs.
program_libs = src/common/libcommon.a proto/libproto.a crypto/libcscrypto_core.la \
    $(JSON_C_LIBS) $(CRYPTO_LIBS) $(SYSTEM_LIBS)

# The server but for its main(), so that units can be tested.
noinst_LIBRARIES += src/server/libserver.a
src_server_libserver_a_SOURCES = \
    src/server/administration.c src/server/administration.h \
    src/server/admission.c src/server/admission.h \
    src/server/allow_list.c src/server/allow_list.h \
    src/server/bucket.c src/server/bucket.h \
    src/server/census.c src/server/census.h \
    src/server/connection.c src/server/connection.h \
    src/server/connection_loop.c src/server/connection_state.h \
    src/server/control.c src/server/control.h \
    src/server/control_ask.c \
    src/server/control_socket.c src/server/control_socket.h \
    src/server/descriptors.c src/server/descriptors.h \
    src/server/ending.c src/server/ending.h \
    src/server/errands.c src/server/errands.h \
    src/server/eviction.c src/server/eviction.h \
    src/server/farewell.c src/server/farewell.h \
    src/server/gate.c src/server/gate.h \
    src/server/handover.c src/server/handover.h \
    src/server/keyed_hash.h \
    src/server/limits.c src/server/limits.h \
    src/server/listener.c src/server/listener.h \
    src/server/memory.c src/server/memory.h \
    src/server/name_hash.h \
    src/server/name_table.c src/server/name_table.h \
    src/server/outbox.c src/server/outbox.h \
    src/server/own_chain.c src/server/own_chain.h \
    src/server/privileges.c src/server/privileges.h \
    src/server/program.c src/server/program.h \
    src/server/registry.c src/server/registry.h \
    src/server/registry_file.c src/server/registry_file.h \
    src/server/registry_file_open.c \
    src/server/registry_file_state.h \
    src/server/registry_state.h \
    src/server/registry_writer.c \
    src/server/relay.c src/server/relay.h \
    src/server/reload.c src/server/reload.h \
    src/server/report.c src/server/report.h \
    src/server/sandbox.c src/server/sandbox.h \
    src/server/service.c src/server/service.h \
    src/server/session.c src/server/session.h \
    src/server/session_table.c src/server/session_table.h \
    src/server/settings.c src/server/settings.h \
    src/server/settings_file.c src/server/settings_file.h \
    src/server/settings_table.c src/server/settings_table.h \
    src/server/signals.c src/server/signals.h \
    src/server/source.c src/server/source.h \
    src/server/stack.c src/server/stack.h \
    src/server/starter.c src/server/starter.h \
    src/server/state.c src/server/state.h \
    src/server/stats.c src/server/stats.h \
    src/server/supervisor.c src/server/supervisor.h \
    src/server/thread.c src/server/thread.h \
    src/server/upgrade.c src/server/upgrade.h \
    src/server/verb_control.c \
    src/server/verb_keys.c \
    src/server/verb_users.c \
    src/server/verbs.c src/server/verbs.h \
    src/server/vetting.c src/server/vetting.h \
    src/server/wake.c src/server/wake.h

sbin_PROGRAMS += src/server/chatsecure-server
src_server_chatsecure_server_CPPFLAGS = $(AM_CPPFLAGS) -DCONFIG_FILE='"$(sysconfdir)/chatsecure/server.conf"'
src_server_chatsecure_server_SOURCES = src/server/main.c
src_server_chatsecure_server_LDADD = src/server/libserver.a $(program_libs) $(SQLITE_LIBS) $(SECCOMP_LIBS)

noinst_LIBRARIES += src/client/libclient.a
src_client_libclient_a_SOURCES = \
    src/client/arguments.c src/client/arguments.h \
    src/client/arguments_table.c src/client/arguments_table.h \
    src/client/arrival.c src/client/arrival.h \
    src/client/ask.c src/client/ask.h \
    src/client/authorities.c src/client/authorities.h \
    src/client/backoff.c src/client/backoff.h \
    src/client/child.c src/client/child.h \
    src/client/client.c src/client/client.h \
    src/client/client_state.c src/client/client_state.h \
    src/client/columns.c src/client/columns.h \
    src/client/commands.c src/client/commands.h \
    src/client/commands_hint.c \
    src/client/completer.c src/client/completer.h \
    src/client/completion.c src/client/completion.h \
    src/client/connection.c src/client/connection.h \
    src/client/connection_events.c src/client/connection_state.h \
    src/client/console.c src/client/console.h \
    src/client/credentials.c src/client/credentials.h \
    src/client/dial.c src/client/dial.h \
    src/client/download.c src/client/download.h \
    src/client/editor.c src/client/editor.h \
    src/client/editor_past.c src/client/editor_past.h \
    src/client/exit_status.c src/client/exit_status.h \
    src/client/fates.c src/client/fates.h \
    src/client/file_bytes.c src/client/file_bytes.h \
    src/client/file_name.c src/client/file_name.h \
    src/client/files.c src/client/files.h \
    src/client/files_command.c \
    src/client/files_in.c \
    src/client/files_out.c \
    src/client/files_parts.h \
    src/client/files_tell.c \
    src/client/folder.c src/client/folder.h \
    src/client/handed_on.c \
    src/client/handing.c src/client/handing.h \
    src/client/handler.c src/client/handler.h \
    src/client/history.c src/client/history.h \
    src/client/history_answer.c src/client/history_answer.h \
    src/client/history_form.c src/client/history_form.h \
    src/client/home.c src/client/home.h \
    src/client/incoming.c src/client/incoming.h \
    src/client/intake.c src/client/intake.h \
    src/client/input.c src/client/input.h \
    src/client/json_events.c src/client/json_events.h \
    src/client/keeping.c src/client/keeping.h \
    src/client/known.c src/client/known.h \
    src/client/json_request.c src/client/json_request.h \
    src/client/lanes.c src/client/lanes.h \
    src/client/ledger.c src/client/ledger.h \
    src/client/listing.c src/client/listing.h \
    src/client/loop.c src/client/loop.h \
    src/client/mapped_file.c src/client/mapped_file.h \
    src/client/names.c src/client/names.h \
    src/client/or_else.c src/client/or_else.h \
    src/client/outgoing.c src/client/outgoing.h \
    src/client/output.c src/client/output.h \
    src/client/paint.c src/client/paint.h \
    src/client/peer_keys.c src/client/peer_keys.h \
    src/client/peers.c src/client/peers.h \
    src/client/phases.c src/client/phases.h \
    src/client/ping_run.c src/client/ping_run.h \
    src/client/pinging.c src/client/pinging.h \
    src/client/presence.c src/client/presence.h \
    src/client/progress.c src/client/progress.h \
    src/client/qr_code.c src/client/qr_code.h \
    src/client/recall.c src/client/recall.h \
    src/client/reconnect.c src/client/reconnect.h \
    src/client/received.c src/client/received.h \
    src/client/recipients.c src/client/recipients.h \
    src/client/remembering.c src/client/remembering.h \
    src/client/reply.c src/client/reply.h \
    src/client/roster.c src/client/roster.h \
    src/client/rows.c src/client/rows.h \
    src/client/run.c src/client/run.h \
    src/client/sealed_key.c src/client/sealed_key.h \
    src/client/sending.c src/client/sending.h \
    src/client/signals.c src/client/signals.h \
    src/client/signed_record.c src/client/signed_record.h \
    src/client/spool.c src/client/spool.h \
    src/client/spool_open.c src/client/spool_state.h \
    src/client/spool_place.c src/client/spool_place.h \
    src/client/spooled.c \
    src/client/spooling.c src/client/spooling.h \
    src/client/status.c src/client/status.h \
    src/client/tally.c src/client/tally.h \
    src/client/terminal.c src/client/terminal.h \
    src/client/ticking.c src/client/ticking.h \
    src/client/ticks.c src/client/ticks.h \
    src/client/transfers.c src/client/transfers.h \
    src/client/trust.c src/client/trust.h \
    src/client/verb_history.c \
    src/client/verb_keygen.c \
    src/client/verb_trust.c \
    src/client/verb_verify_message.c \
    src/client/upload.c src/client/upload.h \
    src/client/verb_ask.c \
    src/client/verb_ping.c \
    src/client/verb_whois.c \
    src/client/verbs.c src/client/verbs.h \
    src/client/waiting.c src/client/waiting.h \
    src/client/whois.c src/client/whois.h

bin_PROGRAMS += src/client/chatsecure
src_client_chatsecure_SOURCES = src/client/main.c
src_client_chatsecure_LDADD = src/client/libclient.a $(program_libs) $(SQLITE_LIBS) $(QRENCODE_LIBS)

# The load generator, which starts the installed server unless it is told of another.
bin_PROGRAMS += src/bench/chatsecure-bench
src_bench_chatsecure_bench_CPPFLAGS = $(AM_CPPFLAGS) -DSERVER_PROGRAM='"$(sbindir)/chatsecure-server"'
src_bench_chatsecure_bench_SOURCES = \
    src/bench/arguments.c src/bench/arguments.h \
    src/bench/bench.c src/bench/bench.h \
    src/bench/crowd.c src/bench/crowd.h \
    src/bench/flow.c src/bench/flow.h \
    src/bench/guests.c src/bench/guests.h \
    src/bench/handshakes.c \
    src/bench/limit_login.c \
    src/bench/limit_relay.c \
    src/bench/limits.c src/bench/limits.h \
    src/bench/loopback.c src/bench/loopback.h \
    src/bench/main.c \
    src/bench/measure.c src/bench/measure.h \
    src/bench/others.c \
    src/bench/relay_process.c src/bench/relay_process.h \
    src/bench/report.c src/bench/report.h \
    src/bench/rival.h \
    src/bench/rival_irc.c src/bench/rival_mqtt.c \
    src/bench/rival_process.c \
    src/bench/round_trips.c \
    src/bench/samples.c src/bench/samples.h \
    src/bench/set.c \
    src/bench/tls.c src/bench/tls.h \
    src/bench/traffic.c \
    src/bench/trials.c src/bench/trials.h \
    src/bench/usage.c src/bench/usage.h \
    src/bench/user.c src/bench/user.h \
    src/bench/workspace.c src/bench/workspace.h
src_bench_chatsecure_bench_LDADD = $(program_libs)
