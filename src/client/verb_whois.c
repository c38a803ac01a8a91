/* `chatsecure whois`: a run of the client whose only line is that command. */
#include <config.h>

#include "src/client/run.h"

enum exit_status verb_whois(const struct arguments *arguments) {
    return run_command(arguments, "whois", "");
}
