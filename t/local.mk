# Units are programs that print TAP (t/tap.h); *.t are Python scripts that do (t/harness.py). A unit is added with
#
#     check_PROGRAMS += t/test_buffer
#     t_test_buffer_SOURCES = t/test_buffer.c
#     t_test_buffer_LDADD = $(unit_libs)
#
# and a script with
#
#     dist_check_SCRIPTS += t/relay.t

check_LIBRARIES += t/libtap.a
t_libtap_a_SOURCES = t/tap.c t/tap.h

unit_libs = t/libtap.a proto/libproto.a crypto/libcscrypto_core.la $(JSON_C_LIBS) $(CRYPTO_LIBS) $(SYSTEM_LIBS)

TESTS = $(check_PROGRAMS) $(dist_check_SCRIPTS)
TEST_EXTENSIONS = .t
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
T_LOG_DRIVER = $(LOG_DRIVER)
if HAVE_PYTHON
T_LOG_COMPILER = $(PYTHON) -B
else
T_LOG_COMPILER = $(SHELL) -c 'printf "1..0 \043 SKIP no Python 3.9 or later\n"'
endif

AM_TESTS_ENVIRONMENT = \
    top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
    top_builddir='$(abs_top_builddir)'; export top_builddir; \
    CHATSECURE='$(abs_top_builddir)/src/client/chatsecure$(EXEEXT)'; export CHATSECURE; \
    CHATSECURE_SERVER='$(abs_top_builddir)/src/server/chatsecure-server$(EXEEXT)'; export CHATSECURE_SERVER; \
    CHATSECURE_BENCH='$(abs_top_builddir)/src/bench/chatsecure-bench$(EXEEXT)'; export CHATSECURE_BENCH; \
    TEST_CPPFLAGS='-I$(abs_top_srcdir) -I$(abs_top_builddir) $(CRYPTO_CFLAGS) $(JSON_C_CFLAGS)'; export TEST_CPPFLAGS; \
    DISTFILES='$(DISTFILES)'; export DISTFILES; \
    CC='$(CC)'; export CC; NM='$(NM)'; export NM; PYTHON='$(PYTHON)'; export PYTHON;

# What `make check` builds, without running it.
.PHONY: check-programs
check-programs: $(check_LIBRARIES) $(check_PROGRAMS)

EXTRA_DIST += t/demo t/harness.py t/keys/README t/keys/adam.pem t/keys/eve.pem t/keys/mallory.pem t/keys/relay.pem

# What holds for the sources as such.
dist_check_SCRIPTS += t/lint_arrows.t t/lint_exports.t t/lint_headers.t t/lint_man.t t/lint_mutations.t t/lint_text.t \
    t/lint_tree.t

# What `make mutation` breaks.
EXTRA_DIST += t/mutate t/mutations.py t/mutations

# libcscrypto
crypto_units = \
    t/test_crypto_base64 \
    t/test_crypto_basics \
    t/test_crypto_chain \
    t/test_crypto_dh \
    t/test_crypto_hash \
    t/test_crypto_oaep \
    t/test_crypto_pss \
    t/test_crypto_rsa_file \
    t/test_crypto_rsa_private \
    t/test_crypto_rsa_public \
    t/test_crypto_rsa_root \
    t/test_crypto_symkey
check_PROGRAMS += $(crypto_units)
check_LIBRARIES += t/libcrypto_fixture.a
t_libcrypto_fixture_a_SOURCES = t/crypto_der.c t/crypto_der.h t/crypto_fixture.c t/crypto_fixture.h
crypto_unit_libs = t/libcrypto_fixture.a $(unit_libs)

t_test_crypto_base64_SOURCES = t/test_crypto_base64.c
t_test_crypto_base64_LDADD = $(crypto_unit_libs)
t_test_crypto_basics_SOURCES = t/test_crypto_basics.c
t_test_crypto_basics_LDADD = $(crypto_unit_libs)
t_test_crypto_chain_SOURCES = t/certificates.c t/certificates.h t/test_crypto_chain.c
t_test_crypto_chain_LDADD = $(crypto_unit_libs)
t_test_crypto_dh_SOURCES = t/test_crypto_dh.c
t_test_crypto_dh_LDADD = $(crypto_unit_libs)
t_test_crypto_hash_SOURCES = t/test_crypto_hash.c
t_test_crypto_hash_LDADD = $(crypto_unit_libs)
t_test_crypto_oaep_SOURCES = t/test_crypto_oaep.c
t_test_crypto_oaep_LDADD = $(crypto_unit_libs)
t_test_crypto_pss_SOURCES = t/test_crypto_pss.c
t_test_crypto_pss_LDADD = $(crypto_unit_libs)
t_test_crypto_rsa_file_SOURCES = t/test_crypto_rsa_file.c
t_test_crypto_rsa_file_LDADD = $(crypto_unit_libs)
t_test_crypto_rsa_private_SOURCES = t/test_crypto_rsa_private.c
t_test_crypto_rsa_private_LDADD = $(crypto_unit_libs)
t_test_crypto_rsa_public_SOURCES = t/test_crypto_rsa_public.c
t_test_crypto_rsa_public_LDADD = $(crypto_unit_libs)
t_test_crypto_rsa_root_SOURCES = t/test_crypto_rsa_root.c
t_test_crypto_rsa_root_LDADD = $(crypto_unit_libs)
t_test_crypto_symkey_SOURCES = t/test_crypto_symkey.c
t_test_crypto_symkey_LDADD = $(crypto_unit_libs)

# The protocol: known answers, and client and server back to back in memory.
EXTRA_DIST += t/vectors/protocol-1.json
check_LIBRARIES += t/libpump.a
t_libpump_a_SOURCES = t/pump.c t/pump.h
check_LIBRARIES += t/libconversation_fixture.a
t_libconversation_fixture_a_SOURCES = t/conversation_fixture.c t/conversation_fixture.h
conversation_unit_libs = t/libconversation_fixture.a t/libpump.a $(unit_libs)
check_PROGRAMS += \
    t/test_conversation \
    t/test_conversation_fates \
    t/test_conversation_files \
    t/test_conversation_forged \
    t/test_conversation_key \
    t/test_conversation_lost \
    t/test_conversation_notices \
    t/test_conversation_stale \
    t/test_conversation_tampered \
    t/test_link
t_test_link_SOURCES = t/test_link.c
t_test_link_LDADD = t/libpump.a $(unit_libs)
t_test_conversation_SOURCES = t/test_conversation.c
t_test_conversation_LDADD = $(conversation_unit_libs)
t_test_conversation_fates_SOURCES = t/test_conversation_fates.c
t_test_conversation_fates_LDADD = $(conversation_unit_libs)
t_test_conversation_files_SOURCES = t/test_conversation_files.c
t_test_conversation_files_LDADD = $(conversation_unit_libs)
t_test_conversation_forged_SOURCES = t/test_conversation_forged.c
t_test_conversation_forged_LDADD = t/libpump.a $(proto_unit_libs)
t_test_conversation_key_SOURCES = t/test_conversation_key.c
t_test_conversation_key_LDADD = $(conversation_unit_libs)
t_test_conversation_lost_SOURCES = t/test_conversation_lost.c
t_test_conversation_lost_LDADD = $(conversation_unit_libs)
t_test_conversation_notices_SOURCES = t/test_conversation_notices.c
t_test_conversation_notices_LDADD = $(conversation_unit_libs)
t_test_conversation_stale_SOURCES = t/test_conversation_stale.c
t_test_conversation_stale_LDADD = $(conversation_unit_libs)
t_test_conversation_tampered_SOURCES = t/test_conversation_tampered.c
t_test_conversation_tampered_LDADD = $(conversation_unit_libs)
if HAVE_LD_WRAP
check_PROGRAMS += t/test_vectors
t_test_vectors_SOURCES = t/test_vectors.c
t_test_vectors_LDADD = $(unit_libs)
t_test_vectors_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=csc_x25519_generate
endif

if HAVE_LD_WRAP
check_PROGRAMS += t/test_conversation_signed
t_test_conversation_signed_SOURCES = t/test_conversation_signed.c
t_test_conversation_signed_LDADD = $(conversation_unit_libs)
t_test_conversation_signed_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=csc_pss_sign -Wl,--wrap=message_write_text
endif

if HAVE_LD_WRAP
check_PROGRAMS += t/test_crypto_faults t/test_crypto_memory
t_test_crypto_faults_SOURCES = t/failing_malloc.c t/failing_malloc.h t/test_crypto_faults.c
t_test_crypto_faults_LDADD = $(crypto_unit_libs)
t_test_crypto_faults_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=free \
    -Wl,--wrap=getentropy -Wl,--wrap=gnutls_rnd -Wl,--wrap=gnutls_x509_privkey_export_rsa_raw2
t_test_crypto_memory_SOURCES = t/test_crypto_memory.c
t_test_crypto_memory_LDADD = $(crypto_unit_libs)
t_test_crypto_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc
endif

# A program for the scripts, not a test: check_DATA has it built before they run.
EXTRA_PROGRAMS = t/csc_tool
check_DATA = t/csc_tool$(EXEEXT)
CLEANFILES += t/csc_tool$(EXEEXT)
t_csc_tool_SOURCES = t/csc_tool.c
t_csc_tool_LDADD = $(crypto_unit_libs)
dist_check_SCRIPTS += t/cscrypto_example.t t/openssl.t

# proto
proto_units = \
    t/test_attest \
    t/test_buffer \
    t/test_channel \
    t/test_handshake \
    t/test_handshake_order \
    t/test_id_set \
    t/test_json_scan \
    t/test_json_scan_portable \
    t/test_json_write \
    t/test_line \
    t/test_message \
    t/test_message_route \
    t/test_message_write \
    t/test_name \
    t/test_ratchet \
    t/test_safety_number \
    t/test_text \
    t/test_unacked
check_PROGRAMS += $(proto_units)
check_LIBRARIES += t/libproto_fixture.a
t_libproto_fixture_a_SOURCES = t/agreement.c t/agreement.h t/message_samples.c t/message_samples.h \
    t/proto_fixture.c t/proto_fixture.h
proto_unit_libs = t/libproto_fixture.a $(unit_libs)
t_test_attest_SOURCES = t/test_attest.c
t_test_attest_LDADD = t/libpump.a $(proto_unit_libs)
t_test_buffer_SOURCES = t/test_buffer.c
t_test_buffer_LDADD = $(proto_unit_libs)
t_test_channel_SOURCES = t/test_channel.c
t_test_channel_LDADD = $(proto_unit_libs)
t_test_handshake_SOURCES = t/test_handshake.c
t_test_handshake_LDADD = t/libpump.a $(proto_unit_libs)
t_test_handshake_order_SOURCES = t/test_handshake_order.c
t_test_handshake_order_LDADD = t/libpump.a $(proto_unit_libs)
t_test_id_set_SOURCES = t/test_id_set.c
t_test_id_set_LDADD = $(proto_unit_libs)
t_test_line_SOURCES = t/test_line.c
t_test_line_LDADD = $(proto_unit_libs)
t_test_name_SOURCES = t/test_name.c
t_test_name_LDADD = $(proto_unit_libs)
t_test_unacked_SOURCES = t/test_unacked.c
t_test_unacked_LDADD = $(proto_unit_libs)
t_test_json_scan_SOURCES = t/test_json_scan.c
t_test_json_scan_LDADD = $(proto_unit_libs)
t_test_json_scan_portable_CPPFLAGS = $(AM_CPPFLAGS) -U__SSE2__
t_test_json_scan_portable_SOURCES = t/test_json_scan.c proto/json_scan.c
t_test_json_scan_portable_LDADD = $(proto_unit_libs)
t_test_json_write_SOURCES = t/test_json_write.c
t_test_json_write_LDADD = $(proto_unit_libs)
t_test_message_SOURCES = t/test_message.c
t_test_message_LDADD = $(proto_unit_libs)
t_test_message_route_SOURCES = t/test_message_route.c
t_test_message_route_LDADD = $(proto_unit_libs)
t_test_message_write_SOURCES = t/test_message_write.c
t_test_message_write_LDADD = $(proto_unit_libs)
t_test_ratchet_SOURCES = t/test_ratchet.c
t_test_ratchet_LDADD = $(proto_unit_libs)
t_test_safety_number_SOURCES = t/test_safety_number.c
t_test_safety_number_LDADD = $(proto_unit_libs)
t_test_text_SOURCES = t/test_text.c
t_test_text_LDADD = $(proto_unit_libs)
if HAVE_LD_WRAP
check_PROGRAMS += t/test_allocation t/test_wiped
t_test_wiped_SOURCES = t/failing_malloc.c t/failing_malloc.h t/test_wiped.c
t_test_wiped_LDADD = $(proto_unit_libs)
t_test_wiped_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=free
t_test_allocation_SOURCES = t/failing_malloc.c t/failing_malloc.h t/test_allocation.c
t_test_allocation_LDADD = t/libpump.a $(proto_unit_libs)
t_test_allocation_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=free
endif

# The fuzzers: each t/fuzz/NAME.c with its seeds in `make check`, and with libFuzzer in `make fuzz`.
fuzz_targets = control control_answer conversation file_name files handing handover history history_file intake json \
    link message options private_key public_key received request secure settings spool text trust_store \
    upgrade
check_LIBRARIES += t/libfuzz.a
t_libfuzz_a_SOURCES = t/fuzz/fuzz.c t/fuzz/fuzz.h
if HAVE_LD_WRAP
fuzz_replays = \
    t/fuzz/replay_control \
    t/fuzz/replay_control_answer \
    t/fuzz/replay_conversation \
    t/fuzz/replay_file_name \
    t/fuzz/replay_files \
    t/fuzz/replay_handing \
    t/fuzz/replay_handover \
    t/fuzz/replay_history \
    t/fuzz/replay_history_file \
    t/fuzz/replay_intake \
    t/fuzz/replay_json \
    t/fuzz/replay_link \
    t/fuzz/replay_message \
    t/fuzz/replay_options \
    t/fuzz/replay_private_key \
    t/fuzz/replay_public_key \
    t/fuzz/replay_received \
    t/fuzz/replay_request \
    t/fuzz/replay_secure \
    t/fuzz/replay_settings \
    t/fuzz/replay_spool \
    t/fuzz/replay_text \
    t/fuzz/replay_trust_store \
    t/fuzz/replay_upgrade
check_PROGRAMS += $(fuzz_replays)
endif
fuzz_programs = \
    t/fuzz/fuzz_control \
    t/fuzz/fuzz_control_answer \
    t/fuzz/fuzz_conversation \
    t/fuzz/fuzz_file_name \
    t/fuzz/fuzz_files \
    t/fuzz/fuzz_handing \
    t/fuzz/fuzz_handover \
    t/fuzz/fuzz_history \
    t/fuzz/fuzz_history_file \
    t/fuzz/fuzz_intake \
    t/fuzz/fuzz_json \
    t/fuzz/fuzz_link \
    t/fuzz/fuzz_message \
    t/fuzz/fuzz_options \
    t/fuzz/fuzz_private_key \
    t/fuzz/fuzz_public_key \
    t/fuzz/fuzz_received \
    t/fuzz/fuzz_request \
    t/fuzz/fuzz_secure \
    t/fuzz/fuzz_settings \
    t/fuzz/fuzz_spool \
    t/fuzz/fuzz_text \
    t/fuzz/fuzz_trust_store \
    t/fuzz/fuzz_upgrade
EXTRA_PROGRAMS += $(fuzz_programs)
CLEANFILES += $(fuzz_programs)
fuzz_libs = t/libfuzz.a t/libpump.a $(proto_unit_libs)
fuzz_program_libs = t/libfuzz.a src/client/libclient.a src/common/libcommon.a $(proto_unit_libs) $(SQLITE_LIBS) \
    $(QRENCODE_LIBS)
fuzz_server_libs = t/libfuzz.a src/server/libserver.a src/common/libcommon.a $(proto_unit_libs) $(SQLITE_LIBS) \
    $(SECCOMP_LIBS)
replay_ldflags = $(AM_LDFLAGS) -Wl,--wrap=csc_random_secret -Wl,--wrap=csc_random_nonce
fuzz_ldflags = $(replay_ldflags) -fsanitize=fuzzer
t_fuzz_replay_control_SOURCES = t/fuzz/replay.c t/fuzz/control.c
t_fuzz_replay_control_LDADD = $(fuzz_server_libs)
t_fuzz_replay_control_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_control_SOURCES = t/fuzz/control.c
t_fuzz_fuzz_control_LDADD = $(fuzz_server_libs)
t_fuzz_fuzz_control_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_control_answer_SOURCES = t/fuzz/replay.c t/fuzz/control_answer.c
t_fuzz_replay_control_answer_LDADD = $(fuzz_server_libs)
t_fuzz_replay_control_answer_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_control_answer_SOURCES = t/fuzz/control_answer.c
t_fuzz_fuzz_control_answer_LDADD = $(fuzz_server_libs)
t_fuzz_fuzz_control_answer_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_conversation_SOURCES = t/fuzz/replay.c t/fuzz/conversation.c t/fuzz/user.c t/fuzz/user.h
t_fuzz_replay_conversation_LDADD = $(fuzz_libs)
t_fuzz_replay_conversation_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_conversation_SOURCES = t/fuzz/conversation.c t/fuzz/user.c t/fuzz/user.h
t_fuzz_fuzz_conversation_LDADD = $(fuzz_libs)
t_fuzz_fuzz_conversation_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_file_name_SOURCES = t/fuzz/replay.c t/fuzz/file_name.c
t_fuzz_replay_file_name_LDADD = $(fuzz_program_libs)
t_fuzz_replay_file_name_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_file_name_SOURCES = t/fuzz/file_name.c
t_fuzz_fuzz_file_name_LDADD = $(fuzz_program_libs)
t_fuzz_fuzz_file_name_LDFLAGS = $(fuzz_ldflags)
fuzz_files_ldflags = \
    -Wl,--wrap=conversation_answer_data \
    -Wl,--wrap=conversation_declined \
    -Wl,--wrap=conversation_fingerprint \
    -Wl,--wrap=conversation_handed_on \
    -Wl,--wrap=conversation_pending \
    -Wl,--wrap=conversation_send_file \
    -Wl,--wrap=connection_is_full \
    -Wl,--wrap=fsync \
    -Wl,--wrap=sending_meet
t_fuzz_replay_files_SOURCES = t/fuzz/replay.c t/fuzz/files.c
t_fuzz_replay_files_LDADD = $(fuzz_program_libs)
t_fuzz_replay_files_LDFLAGS = $(replay_ldflags) $(fuzz_files_ldflags)
t_fuzz_fuzz_files_SOURCES = t/fuzz/files.c
t_fuzz_fuzz_files_LDADD = $(fuzz_program_libs)
t_fuzz_fuzz_files_LDFLAGS = $(fuzz_ldflags) $(fuzz_files_ldflags)
t_fuzz_replay_handing_SOURCES = t/fuzz/replay.c t/fuzz/handing.c
t_fuzz_replay_handing_LDADD = $(fuzz_program_libs)
t_fuzz_replay_handing_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_handing_SOURCES = t/fuzz/handing.c
t_fuzz_fuzz_handing_LDADD = $(fuzz_program_libs)
t_fuzz_fuzz_handing_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_handover_SOURCES = t/fuzz/replay.c t/fuzz/handover.c
t_fuzz_replay_handover_LDADD = $(fuzz_server_libs)
t_fuzz_replay_handover_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_handover_SOURCES = t/fuzz/handover.c
t_fuzz_fuzz_handover_LDADD = $(fuzz_server_libs)
t_fuzz_fuzz_handover_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_history_SOURCES = t/fuzz/replay.c t/fuzz/history.c
t_fuzz_replay_history_LDADD = $(fuzz_program_libs)
t_fuzz_replay_history_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_history_SOURCES = t/fuzz/history.c
t_fuzz_fuzz_history_LDADD = $(fuzz_program_libs)
t_fuzz_fuzz_history_LDFLAGS = $(fuzz_ldflags)
fuzz_history_file_ldflags = \
    -Wl,--wrap=sealed_key_load
t_fuzz_replay_history_file_SOURCES = t/fuzz/replay.c t/fuzz/history_file.c
t_fuzz_replay_history_file_LDADD = $(fuzz_program_libs)
t_fuzz_replay_history_file_LDFLAGS = $(replay_ldflags) $(fuzz_history_file_ldflags)
t_fuzz_fuzz_history_file_SOURCES = t/fuzz/history_file.c
t_fuzz_fuzz_history_file_LDADD = $(fuzz_program_libs)
t_fuzz_fuzz_history_file_LDFLAGS = $(fuzz_ldflags) $(fuzz_history_file_ldflags)
t_fuzz_replay_intake_SOURCES = t/fuzz/replay.c t/fuzz/intake.c
t_fuzz_replay_intake_LDADD = $(fuzz_program_libs)
t_fuzz_replay_intake_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_intake_SOURCES = t/fuzz/intake.c
t_fuzz_fuzz_intake_LDADD = $(fuzz_program_libs)
t_fuzz_fuzz_intake_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_json_SOURCES = t/fuzz/replay.c t/fuzz/json.c
t_fuzz_replay_json_LDADD = $(fuzz_libs)
t_fuzz_replay_json_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_json_SOURCES = t/fuzz/json.c
t_fuzz_fuzz_json_LDADD = $(fuzz_libs)
t_fuzz_fuzz_json_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_link_SOURCES = t/fuzz/replay.c t/fuzz/link.c
t_fuzz_replay_link_LDADD = $(fuzz_libs)
t_fuzz_replay_link_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_link_SOURCES = t/fuzz/link.c
t_fuzz_fuzz_link_LDADD = $(fuzz_libs)
t_fuzz_fuzz_link_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_message_SOURCES = t/fuzz/replay.c t/fuzz/message.c
t_fuzz_replay_message_LDADD = $(fuzz_libs)
t_fuzz_replay_message_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_message_SOURCES = t/fuzz/message.c
t_fuzz_fuzz_message_LDADD = $(fuzz_libs)
t_fuzz_fuzz_message_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_options_SOURCES = t/fuzz/replay.c t/fuzz/options.c
t_fuzz_replay_options_LDADD = $(fuzz_program_libs)
t_fuzz_replay_options_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_options_SOURCES = t/fuzz/options.c
t_fuzz_fuzz_options_LDADD = $(fuzz_program_libs)
t_fuzz_fuzz_options_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_private_key_SOURCES = t/fuzz/replay.c t/fuzz/private_key.c
t_fuzz_replay_private_key_LDADD = $(fuzz_libs)
t_fuzz_replay_private_key_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_private_key_SOURCES = t/fuzz/private_key.c
t_fuzz_fuzz_private_key_LDADD = $(fuzz_libs)
t_fuzz_fuzz_private_key_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_public_key_SOURCES = t/fuzz/replay.c t/fuzz/public_key.c
t_fuzz_replay_public_key_LDADD = $(fuzz_libs)
t_fuzz_replay_public_key_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_public_key_SOURCES = t/fuzz/public_key.c
t_fuzz_fuzz_public_key_LDADD = $(fuzz_libs)
t_fuzz_fuzz_public_key_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_received_SOURCES = t/fuzz/replay.c t/fuzz/received.c
t_fuzz_replay_received_LDADD = $(fuzz_program_libs)
t_fuzz_replay_received_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_received_SOURCES = t/fuzz/received.c
t_fuzz_fuzz_received_LDADD = $(fuzz_program_libs)
t_fuzz_fuzz_received_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_request_SOURCES = t/fuzz/replay.c t/fuzz/request.c
t_fuzz_replay_request_LDADD = $(fuzz_program_libs)
t_fuzz_replay_request_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_request_SOURCES = t/fuzz/request.c
t_fuzz_fuzz_request_LDADD = $(fuzz_program_libs)
t_fuzz_fuzz_request_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_secure_SOURCES = t/fuzz/replay.c t/fuzz/secure.c
t_fuzz_replay_secure_LDADD = $(fuzz_libs)
t_fuzz_replay_secure_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_secure_SOURCES = t/fuzz/secure.c
t_fuzz_fuzz_secure_LDADD = $(fuzz_libs)
t_fuzz_fuzz_secure_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_settings_SOURCES = t/fuzz/replay.c t/fuzz/settings.c
t_fuzz_replay_settings_LDADD = $(fuzz_server_libs)
t_fuzz_replay_settings_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_settings_SOURCES = t/fuzz/settings.c
t_fuzz_fuzz_settings_LDADD = $(fuzz_server_libs)
t_fuzz_fuzz_settings_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_spool_SOURCES = t/fuzz/replay.c t/fuzz/spool.c
t_fuzz_replay_spool_LDADD = $(fuzz_program_libs)
t_fuzz_replay_spool_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_spool_SOURCES = t/fuzz/spool.c
t_fuzz_fuzz_spool_LDADD = $(fuzz_program_libs)
t_fuzz_fuzz_spool_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_text_SOURCES = t/fuzz/replay.c t/fuzz/text.c
t_fuzz_replay_text_LDADD = $(fuzz_libs)
t_fuzz_replay_text_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_text_SOURCES = t/fuzz/text.c
t_fuzz_fuzz_text_LDADD = $(fuzz_libs)
t_fuzz_fuzz_text_LDFLAGS = $(fuzz_ldflags)
t_fuzz_replay_trust_store_SOURCES = t/fuzz/replay.c t/fuzz/trust_store.c
t_fuzz_replay_trust_store_LDADD = $(fuzz_program_libs)
t_fuzz_replay_trust_store_LDFLAGS = $(replay_ldflags)
t_fuzz_fuzz_trust_store_SOURCES = t/fuzz/trust_store.c
t_fuzz_fuzz_trust_store_LDADD = $(fuzz_program_libs)
t_fuzz_fuzz_trust_store_LDFLAGS = $(fuzz_ldflags)
fuzz_upgrade_ldflags = \
    -Wl,--wrap=starter_end \
    -Wl,--wrap=starter_start
t_fuzz_replay_upgrade_SOURCES = t/fuzz/replay.c t/fuzz/upgrade.c
t_fuzz_replay_upgrade_LDADD = $(fuzz_server_libs)
t_fuzz_replay_upgrade_LDFLAGS = $(replay_ldflags) $(fuzz_upgrade_ldflags)
t_fuzz_fuzz_upgrade_SOURCES = t/fuzz/upgrade.c
t_fuzz_fuzz_upgrade_LDADD = $(fuzz_server_libs)
t_fuzz_fuzz_upgrade_LDFLAGS = $(fuzz_ldflags) $(fuzz_upgrade_ldflags)

# The seeds: a folder for each.
EXTRA_DIST += t/fuzz/corpus

# chatsecure-server
dist_check_SCRIPTS += \
    t/server_config.t \
    t/server_exit.t \
    t/server_handshake.t \
    t/server_keys.t \
    t/server_limits.t \
    t/server_log.t \
    t/server_many.t \
    t/server_names.t \
    t/server_options.t \
    t/server_privileges.t \
    t/server_registry.t \
    t/server_relay.t \
    t/server_reload.t \
    t/server_stop.t \
    t/server_systemd.t \
    t/server_upgrade.t \
    t/server_users.t \
    t/upgrade_witnesses.t
EXTRA_DIST += t/exit_table.py t/succession.py t/wire.py

# The whole, with many clients.
dist_check_SCRIPTS += t/load.t

# The load generator.
dist_check_SCRIPTS += t/bench.t

# A server whose every N-th call fails.
EXTRA_DIST += t/server_faults.c
if HAVE_LD_WRAP
EXTRA_PROGRAMS += t/server_faults
check_DATA += t/server_faults$(EXEEXT)
CLEANFILES += t/server_faults$(EXEEXT)
t_server_faults_CPPFLAGS = $(src_server_chatsecure_server_CPPFLAGS)
t_server_faults_SOURCES = t/server_faults.c src/server/main.c
t_server_faults_LDADD = $(src_server_chatsecure_server_LDADD)
t_server_faults_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc \
    -Wl,--wrap=pthread_create -Wl,--wrap=getentropy -Wl,--wrap=gnutls_rnd -Wl,--wrap=read -Wl,--wrap=write \
    -Wl,--wrap=send -Wl,--wrap=recv -Wl,--wrap=poll -Wl,--wrap=accept
endif

# Certificates of servers, and of people, on cards too.
dist_check_SCRIPTS += t/certificates.t t/certified.t t/certified_token.t
EXTRA_DIST += t/certificate_maker.py

# What attackers, slow clients, somebody on the way and a system that fails do to others, which is nothing.
fault_scripts = \
    t/faults_clients.t \
    t/faults_hostile.t \
    t/faults_peers.t \
    t/faults_strangers.t \
    t/faults_system.t \
    t/faults_wire.t
dist_check_SCRIPTS += $(fault_scripts)
EXTRA_DIST += t/faults.py

# Another implementation of the protocol, of both roles.
dist_check_SCRIPTS += t/interop.t
EXTRA_DIST += t/interop.py t/interop_client.py t/interop_relay.py
server_units = \
    t/test_admission \
    t/test_gate \
    t/test_limits \
    t/test_net \
    t/test_options \
    t/test_outbox \
    t/test_registry \
    t/test_sandbox \
    t/test_settings \
    t/test_system_log \
    t/test_session_table \
    t/test_stats \
    t/test_thread
check_PROGRAMS += $(server_units)
server_unit_libs = src/server/libserver.a src/common/libcommon.a $(unit_libs) $(SQLITE_LIBS) $(SECCOMP_LIBS)
t_test_admission_SOURCES = t/test_admission.c
t_test_admission_LDADD = $(server_unit_libs)
t_test_gate_SOURCES = t/test_gate.c
t_test_gate_LDADD = $(server_unit_libs)
t_test_limits_SOURCES = t/test_limits.c
t_test_limits_LDADD = $(server_unit_libs)
if HAVE_LD_WRAP
check_PROGRAMS += t/test_log
t_test_log_SOURCES = t/test_log.c
t_test_log_LDADD = $(server_unit_libs)
t_test_log_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=system_log_send
endif
t_test_net_SOURCES = t/test_net.c
t_test_net_LDADD = $(server_unit_libs)
t_test_options_SOURCES = t/test_options.c
t_test_options_LDADD = $(server_unit_libs)
t_test_outbox_SOURCES = t/test_outbox.c
t_test_outbox_LDADD = $(server_unit_libs)
t_test_registry_SOURCES = t/test_registry.c
t_test_registry_LDADD = $(server_unit_libs)
t_test_thread_SOURCES = t/test_thread.c
t_test_thread_LDADD = $(server_unit_libs)
t_test_sandbox_SOURCES = t/test_sandbox.c
t_test_sandbox_LDADD = $(server_unit_libs)
t_test_settings_SOURCES = t/test_settings.c
t_test_settings_LDADD = $(server_unit_libs)
t_test_system_log_SOURCES = t/test_system_log.c
t_test_system_log_LDADD = $(server_unit_libs)
t_test_stats_SOURCES = t/test_stats.c
t_test_stats_LDADD = $(server_unit_libs)
t_test_session_table_SOURCES = t/test_session_table.c
t_test_session_table_LDADD = $(server_unit_libs)

# chatsecure
client_units = \
    t/test_client_completion \
    t/test_client_connection \
    t/test_client_editor \
    t/test_client_file_name \
    t/test_client_handing \
    t/test_client_history \
    t/test_client_input \
    t/test_client_intake \
    t/test_client_peers \
    t/test_client_ping_run \
    t/test_client_progress \
    t/test_client_rows \
    t/test_client_transfers \
    t/test_trust_store
check_PROGRAMS += $(client_units)
client_unit_libs = src/client/libclient.a src/common/libcommon.a $(unit_libs)
t_test_client_completion_SOURCES = t/test_client_completion.c
t_test_client_completion_LDADD = $(client_unit_libs)
check_PROGRAMS += t/test_client_backoff
t_test_client_backoff_SOURCES = t/test_client_backoff.c
t_test_client_backoff_LDADD = $(client_unit_libs)
t_test_client_file_name_SOURCES = t/test_client_file_name.c
t_test_client_file_name_LDADD = $(client_unit_libs)
t_test_client_transfers_SOURCES = t/test_client_transfers.c
t_test_client_transfers_LDADD = src/client/libclient.a src/common/libcommon.a $(crypto_unit_libs)
t_test_client_progress_SOURCES = t/test_client_progress.c
t_test_client_progress_LDADD = $(client_unit_libs)
t_test_client_connection_SOURCES = t/test_client_connection.c
t_test_client_connection_LDADD = $(client_unit_libs)
t_test_client_editor_SOURCES = t/test_client_editor.c
t_test_client_editor_LDADD = $(client_unit_libs)
t_test_client_handing_SOURCES = t/test_client_handing.c
t_test_client_handing_LDADD = $(client_unit_libs)
t_test_client_history_SOURCES = t/test_client_history.c
t_test_client_history_LDADD = src/client/libclient.a src/common/libcommon.a $(crypto_unit_libs)
t_test_client_intake_SOURCES = t/test_client_intake.c
t_test_client_intake_LDADD = $(client_unit_libs)
t_test_client_input_SOURCES = t/test_client_input.c
t_test_client_input_LDADD = $(client_unit_libs)
t_test_client_ping_run_SOURCES = t/test_client_ping_run.c
t_test_client_ping_run_LDADD = $(client_unit_libs)
t_test_client_peers_SOURCES = t/test_client_peers.c
t_test_client_peers_LDADD = t/libpump.a $(client_unit_libs)
t_test_client_rows_SOURCES = t/test_client_rows.c
t_test_client_rows_LDADD = $(client_unit_libs)
t_test_trust_store_SOURCES = t/test_trust_store.c
t_test_trust_store_LDADD = $(client_unit_libs)
EXTRA_DIST += t/fake_server.py t/files.py t/screen.py
dist_check_SCRIPTS += t/completion.t
dist_check_SCRIPTS += \
    t/client_ask.t \
    t/client_complaints.t \
    t/client_cpu.t \
    t/client_exec.t \
    t/client_exit.t \
    t/client_files.t \
    t/client_files_cut.t \
    t/client_files_hostile.t \
    t/client_files_large.t \
    t/client_files_terminal.t \
    t/client_history.t \
    t/client_hostile.t \
    t/client_json.t \
    t/client_keys.t \
    t/client_known.t \
    t/client_network.t \
    t/client_or_else.t \
    t/client_ping.t \
    t/client_pipe.t \
    t/client_presence.t \
    t/client_receive.t \
    t/client_signed.t \
    t/client_recipients.t \
    t/client_reconnect.t \
    t/client_spool.t \
    t/client_spool_kill.t \
    t/client_spool_left.t \
    t/client_spool_lost.t \
    t/client_stale.t \
    t/client_terminal.t \
    t/client_ticks.t \
    t/client_trust.t \
    t/client_wait.t
