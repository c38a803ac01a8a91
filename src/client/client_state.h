/*
 * client_state: struct client, the state of a run, and what several parts of the client do to it.
 *
 * Private to client.c and what its loop calls.  Single owner.  The phases:
 *
 *   NAMING -> CONNECTING -> (ASKING -> CONNECTING) -> RUNNING -> DRAINING -> LEAVING -> DONE
 *   RUNNING, DRAINING -> RESTING -> CONNECTING -> (RESTING -> CONNECTING) -> the phase before
 */
#ifndef CLIENT_CLIENT_STATE_H
#define CLIENT_CLIENT_STATE_H

#include "src/client/backoff.h"
#include "src/client/client.h"
#include "src/client/connection.h"
#include "src/client/console.h"
#include "src/client/handler.h"
#include "src/client/history.h"
#include "src/client/input.h"
#include "src/client/ledger.h"
#include "src/client/names.h"
#include "src/client/or_else.h"
#include "src/client/peers.h"
#include "src/client/ping_run.h"
#include "src/client/received.h"
#include "src/client/status.h"
#include "src/client/tally.h"
#include "src/client/ticks.h"
#include "src/client/transfers.h"

/* The token of a session that is begun without a message, for `whois` or `ping`.  The ledger's tokens count from 1. */
#define SESSION_TOKEN UINT64_MAX

enum client_phase {
    CLIENT_NAMING,     /* the person is asked for a name */
    CLIENT_CONNECTING, /* until the session is established */
    CLIENT_ASKING,     /* the person is asked about the server's key */
    CLIENT_RESTING,    /* the connection was lost, and the next try is not due yet */
    CLIENT_RUNNING,
    CLIENT_DRAINING, /* no more input; receipts and answers are waited for */
    CLIENT_LEAVING,  /* goodbyes are on their way */
    CLIENT_DONE,
};

struct client {
    const struct client_config *config;
    enum client_phase phase;
    enum exit_status status; /* the worst so far */
    char name[NAME_SIZE];
    char server[NET_ENDPOINT_SIZE]; /* as known_servers has it */
    struct link_config link;
    struct console *console;
    struct handler *handler;       /* NULL: messages go to standard output */
    struct connection *connection; /* NULL: there is none */
    struct peers peers;
    struct input input;
    struct buffer request; /* strings of the JSON line that was read last */
    struct ledger ledger;
    struct tallies tallies;
    struct transfers transfers;
    uint64_t files_shown_at; /* when their progress was last drawn */
    struct or_else *or_else; /* NULL: --or-else is not given */
    struct status statuses;
    struct ticks ticks;
    char accepted[CSC_FINGERPRINT_SIZE]; /* the server's key that the person said yes to, or "" */
    bool asked;                          /* this connection has waited for the person's answer */
    bool note_server;                    /* the server's key is to be noted once it has been proved */
    bool sign;                           /* what is sent from here on */
    bool line_left;                      /* input_next() may have more */
    bool event_left;                     /* connection_next() may have more */
    bool left;                           /* connection_leave() was called */
    bool away;                           /* the connection was lost, and is being made again: */
    uint64_t away_until;                 /*   when that is given up */
    char away_reason[DIAGNOSTIC_SIZE];   /*   why the last try failed */
    enum client_phase resumes;           /*   the phase to go back to */
    struct backoff backoff;
    uint64_t deadline;          /* of DRAINING and LEAVING */
    uint64_t shown;             /* messages given to the console */
    uint64_t handed_on;         /* messages that standard output has taken */
    bool answered;              /* the question of `ask` is answered, or given up */
    bool listing;               /* `list` was asked for, and its answer is not complete */
    uint64_t listed;            /* users of its answer so far */
    char list_after[NAME_SIZE]; /* the last name of the page before, or "" */
    char wrote_last[NAME_SIZE]; /* the sender of the last message, or "" */
    char reply_to[NAME_SIZE];   /* the same, as it was when the line being typed was begun */
    bool history_named;         /* the names in the history have been added to `names` */
    struct history *history;    /* NULL: none is kept */
    struct received *received;  /* NULL: not open yet, or `forgets` */
    struct handing *handing;    /* NULL: standard output has no journal */
    bool forgets;               /* what was received cannot be remembered for later runs */
    struct spooling *spooling;  /* NULL: lines are not kept on the disk */
    bool met;                   /* a session with the server was established once */
    bool absent;                /* the person said `away`, with this text: */
    char absent_text[MESSAGE_PRESENCE_MAX + 1];
    struct names names; /* users seen, for completion */
    size_t asked_whois; /* answers to `whois` that wait for a session */
    struct ping_run ping;
};

/* True while so many received messages wait to be written that no more should be read from the server. */
bool client_is_full(const struct client *client);

/* True while the next line of input may be taken. */
bool client_takes_lines(const struct client *client);

/* Says on stderr what went wrong; STATUS is the program's exit status unless there is, or will be, a worse one. */
void client_fail(struct client *client, enum exit_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Line NUMBER cannot go to TO, one of its recipients as it was written, for the reason WHY: says so, and STATUS is the
 * result of that recipient. */
void client_refuse(struct client *client, enum exit_status status, unsigned long number, struct span to,
                   const char *why);

/* The message LINE, which has been taken out of the ledger, has come as far as --wait asks for. */
void client_settle_line(struct client *client, const struct ledger_line *line);

/* It was not delivered before its time was over (--ttl). */
void client_expire_line(struct client *client, const struct ledger_line *line, const char *why);

/* It has failed with STATUS. */
void client_fail_line(struct client *client, enum exit_status status, const struct ledger_line *line, const char *why);

/* All recipients of line NUMBER have been named. */
void client_complete_line(struct client *client, unsigned long number);

/* STATUS is the result of line NUMBER, and so of the program if there is no worse one.  On a terminal, a line with a
 * mistake in it does not count: the person has seen it. */
void client_take_result(struct client *client, unsigned long number, enum exit_status status);

/* Line NUMBER is no message and no command, for the reason WHY, and goes to nobody. */
void client_bad_line(struct client *client, unsigned long number, const char *why);

#endif
