/* SPDX-License-Identifier: MIT
 *
 * Finds adapters in directories relative to our own binary.  Loads with dlopen,
 * and checks the plug-in's table before it calls any of its functions.
 */
#include "oracle/subject/plugin.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fast/fast.h"
#include "oracle/mutants/mutant.h"

#define MUTANT "mutant:" /* built in, as fast is */

/* Our own binary. */
#define SELF "/proc/self/exe"

/* ==== Finding ============================================================ */

/* Adapters that `make adapters` builds.  Other files in the same directories
 * are found under their own names. */
static const struct {
    const char *name;
    const char *file;     /* NAME.so is hosted, anything else is a script */
    const char *argument; /* of the script, or NULL */
} adapters[] = {
    {"onednn", "onednn.so", NULL},
    {"onednn-plain", "onednn-plain.so", NULL},
    {"xnnpack", "xnnpack.so", NULL},
    {"torch", "torch.py", NULL},
    {"torch-native", "torch.py", "--native"},
};
enum { ADAPTERS = sizeof adapters / sizeof *adapters };

/* Relative to the binary: of a release or an installation, then of a build
 * flavour's own directory. */
static const char *const plugin_places[] = {".build/plugins", "plugins"};
static const char *const script_places[] = {"oracle/adapters",
                                            "../../oracle/adapters"};

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text);
    const size_t m = strlen(end);

    return n >= m && !strcmp(text + n - m, end);
}

static void own_directory(const char *self, char dir[PATH_MAX])
{
    char *slash;

    if (self && strchr(self, '/')) {
        snprintf(dir, PATH_MAX, "%s", self);
    } else {
        const ssize_t n = readlink(SELF, dir, PATH_MAX - 1);

        dir[n > 0 ? n : 0] = 0;
    }
    slash = strrchr(dir, '/');
    snprintf(slash ? slash : dir, 2, "%s", slash ? "" : ".");
}

/* Finds a plug-in or a script; false if it is in none of its directories. */
static bool locate(const char *self, const char *file, char path[PATH_MAX])
{
    const bool hosted = ends_with(file, ".so");
    const char *const *places = hosted ? plugin_places : script_places;
    const char *set = hosted ? getenv("DECONFORM_PLUGINS") : NULL;
    const int mode = hosted ? R_OK : X_OK;
    char dir[PATH_MAX];
    int n;

    if (set && *set) {
        n = snprintf(path, PATH_MAX, "%s/%s", set, file);
        return n < PATH_MAX && !access(path, mode);
    }
    own_directory(self, dir);
    for (int i = 0; i < 2; i++) {
        n = snprintf(path, PATH_MAX, "%s/%s/%s", dir, places[i], file);
        if (n < PATH_MAX && !access(path, mode))
            return true;
    }
    return false;
}

/* Copies at most DC_LAUNCH_WORDS words to argv. */
static dc_status set_launch(dc_launch *launch, bool hosted,
                            const char *const *word, dc_error *e)
{
    launch->hosted = hosted;
    for (int i = 0; i < DC_LAUNCH_WORDS && word[i]; i++) {
        launch->argv[i] = strdup(word[i]);
        if (!launch->argv[i]) {
            dc_plugin_forget(launch);
            return dc_nomem(e);
        }
    }
    return DC_OK;
}

void dc_plugin_forget(dc_launch *launch)
{
    for (int i = 0; i < DC_LAUNCH_WORDS; i++) {
        free(launch->argv[i]);
        launch->argv[i] = NULL;
    }
}

static dc_status unknown(const char *what, dc_error *e)
{
    char known[128] = "fast";

    for (int i = 0; i < ADAPTERS; i++) {
        const size_t n = strlen(known);

        snprintf(known + n, sizeof known - n, ", %s", adapters[i].name);
    }
    return dc_invalid(e,
                      "unknown implementation %.40s; known: %s, mutant:ID, "
                      "a shared object's path, 'pipe:COMMAND'",
                      what, known);
}

/* An adapter of the table, or else the file NAME.so or NAME. */
static dc_status find_adapter(const dc_subject *subject, const char *self,
                              dc_launch *launch, dc_error *e)
{
    const char *what = subject->what;
    const char *file = NULL;
    const char *argument = NULL;
    char path[PATH_MAX];
    char name[NAME_MAX];

    for (int i = 0; i < ADAPTERS; i++)
        if (!strcmp(adapters[i].name, what)) {
            file = adapters[i].file;
            argument = adapters[i].argument;
        }
    if (file && !locate(subject->self, file, path))
        return dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                            "adapter %s is not built: run `make adapters`",
                            what);
    if (!file) {
        snprintf(name, sizeof name, "%.200s.so", what);
        file = name;
        if (!*what || !locate(subject->self, name, path)) {
            file = what;
            if (!*what || !locate(subject->self, what, path))
                return unknown(what, e);
        }
    }
    if (ends_with(file, ".so"))
        return set_launch(launch, true,
                          (const char *[]){self, "host", path, NULL}, e);
    return set_launch(launch, false,
                      (const char *[]){path, argument, NULL, NULL}, e);
}

dc_status dc_plugin_find(const dc_subject *subject, dc_launch *launch,
                         dc_error *e)
{
    const char *what = subject->what;
    /* a name without a slash was found along PATH and cannot be started */
    const char *self =
        subject->self && strchr(subject->self, '/') ? subject->self : SELF;

    memset(launch, 0, sizeof *launch);
    if (!strncmp(what, "pipe:", 5))
        return set_launch(launch, false,
                          (const char *[]){"/bin/sh", "-c", what + 5, NULL}, e);
    if (!strcmp(what, "fast") || !strncmp(what, MUTANT, strlen(MUTANT)) ||
        strchr(what, '/') || ends_with(what, ".so"))
        return set_launch(launch, true,
                          (const char *[]){self, "host", what, NULL}, e);
    return find_adapter(subject, self, launch, e);
}

dc_status dc_plugin_threads(dc_launch *launch, int threads, dc_error *e)
{
    dc_launch plain = *launch;
    char self[PATH_MAX];
    char ours[40];
    char others[40];
    dc_status status;

    snprintf(ours, sizeof ours, "DECONFORM_THREADS=%d", threads);
    snprintf(others, sizeof others, "OMP_NUM_THREADS=%d", threads);
    snprintf(self, sizeof self, "%s", plain.argv[0]);
    if (!strcmp(self, SELF)) {
        /* env would start itself */
        const ssize_t n = readlink(SELF, self, sizeof self - 1);

        self[n > 0 ? n : 0] = 0;
    }
    memset(launch, 0, sizeof *launch);
    status = set_launch(launch, plain.hosted,
                        (const char *[]){"/usr/bin/env", ours, others, self,
                                         plain.argv[1], plain.argv[2],
                                         plain.argv[3], NULL},
                        e);
    dc_plugin_forget(&plain);
    return status;
}

/* ==== Loading ============================================================ */

/* dlerror's text without the path, which the caller prints. */
static dc_status dl_refused(const char *path, dc_error *e)
{
    const char *text = dlerror();
    const size_t n = strlen(path);

    if (!text)
        text = "cannot be loaded";
    if (!strncmp(text, path, n) && !strncmp(text + n, ": ", 2))
        text += n + 2;
    return dc_failed(e, "%.160s", text);
}

static dc_status check_table(const dc_impl *table, dc_error *e)
{
    if (!table)
        return dc_failed(e, "deconform_plugin() returned no table");
    if (table->abi != DC_ABI)
        return dc_failed(e, "its ABI number is %u, this judge speaks %d",
                         (unsigned)table->abi, DC_ABI);
    if (!table->name || !*table->name)
        return dc_failed(e, "its table has no name");
    return DC_OK;
}

/* Is `malloc`, as the plug-in or (library NULL) everybody else sees it, that of
 * the C library? */
static bool plain_malloc(void *library)
{
    void *const c = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
    bool plain;

    if (!c)
        return false;
    plain =
        dlsym(library ? library : RTLD_DEFAULT, "malloc") == dlsym(c, "malloc");
    dlclose(c);
    return plain;
}

/* Loads it so that its own functions come before those of the libraries that we
 * link, which may have the same names (RTLD_DEEPBIND).  Not if an allocator is
 * interposed, by us (a sanitizer) or by the plug-in: it would free by one what
 * the C library has allocated by the other. */
static void *open_object(const char *path)
{
#ifdef RTLD_DEEPBIND
    void *library = NULL;

    if (plain_malloc(NULL))
        library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (library && plain_malloc(library))
        return library;
    if (library)
        dlclose(library);
#endif
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static dc_status load_object(const char *path, const dc_impl **impl,
                             dc_error *e)
{
    const dc_impl *(*entry)(void) = NULL;
    char full[PATH_MAX];
    void *library;
    void *symbol;

    /* without a slash dlopen would search the system's directories */
    if (snprintf(full, sizeof full, "%s%s", strchr(path, '/') ? "" : "./",
                 path) >= PATH_MAX)
        return dc_failed(e, "its path is too long");
    if (access(full, F_OK))
        return dc_failed(e, "no such file");
    library = open_object(full);
    if (!library)
        return dl_refused(full, e);
    symbol = dlsym(library, "deconform_plugin");
    if (!symbol)
        return dc_failed(e, "it exports no symbol deconform_plugin");
    /* ISO C has no cast from an object pointer to a function pointer */
    memcpy(&entry, &symbol, sizeof entry);
    *impl = entry();
    return check_table(*impl, e);
}

dc_status dc_plugin_load(const char *what, const dc_impl **impl, dc_error *e)
{
    if (!strcmp(what, "fast")) {
        *impl = dc_fast_impl();
        return DC_OK;
    }
    if (strncmp(what, MUTANT, strlen(MUTANT)))
        return load_object(what, impl, e);
    *impl = dc_mutant_impl(what + strlen(MUTANT));
    return *impl ? DC_OK : dc_failed(e, "no mutant has this id");
}
