#include <config.h>

#include "src/client/names.h"

void names_note(struct names *names, struct span name) {
    if (!name_is_valid(name))
        return;
    for (size_t i = 0; i < names->count; i++)
        if (name_equal(name, span_of(names->list[i])))
            return;
    name_copy(names->list[names->next], name);
    names->next = (names->next + 1) % NAMES_MAX;
    if (names->count < NAMES_MAX)
        names->count++;
}
