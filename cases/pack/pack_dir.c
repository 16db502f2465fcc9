/* SPDX-License-Identifier: MIT
 *
 * How does a pack come to be complete or visibly not there?  It grows in a
 * directory beside its place and takes its name at the end.
 */
#include "cases/pack/pack.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 1: path is something else than an empty directory; 0: that, or not there.
 * A link to one is something else: the pack cannot take its name. */
static int occupied(const char *path)
{
    struct stat s;
    struct dirent *entry;
    int found = 0;
    DIR *dir;

    if (lstat(path, &s) != 0)
        return 0;
    dir = S_ISDIR(s.st_mode) ? opendir(path) : NULL;
    if (!dir)
        return 1;
    while ((entry = readdir(dir)))
        found |= strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(dir);
    return found;
}

/* Why the place of the pack cannot be made, with the name that is to blame. */
static dc_status not_made(const dc_pack_dir *d, dc_error *e)
{
    const char *slash = strrchr(d->path, '/');
    const int there = errno == ENOTDIR;

    if (slash && (errno == ENOENT || there))
        return dc_error_set(
            e, DC_FAILED, NULL, -1, "cannot make %.110s: %s%.*s%s", d->path,
            there ? "" : "there is no directory ",
            slash - d->path < 110 ? (int)(slash - d->path) : 110, d->path,
            there ? " is no directory" : "");
    return dc_error_set(e, DC_FAILED, NULL, -1, "cannot make %.150s: %s",
                        d->part, strerror(errno));
}

dc_status dc_pack_begin(dc_pack_dir *d, const char *path, dc_error *e)
{
    size_t length = strlen(path);

    memset(d, 0, sizeof *d);
    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length == 0 || length >= sizeof d->path)
        return dc_error_set(e, DC_INVALID, NULL, -1,
                            "a directory is due, not `%.60s'", path);
    memcpy(d->path, path, length);
    if (occupied(d->path))
        return dc_error_set(e, DC_INVALID, NULL, -1,
                            "%.150s exists and is not an empty directory",
                            d->path);
    snprintf(d->part, sizeof d->part, "%s.part-%ld", d->path, (long)getpid());
    if (mkdir(d->part, 0777) != 0) {
        not_made(d, e);
        d->part[0] = 0; /* not ours */
        return DC_FAILED;
    }
    return DC_OK;
}

dc_status dc_pack_commit(dc_pack_dir *d, dc_error *e)
{
    if (rename(d->part, d->path) == 0) {
        d->part[0] = 0;
        return DC_OK;
    }
    dc_error_set(e, DC_FAILED, NULL, -1, "cannot rename %.90s to %.90s: %s",
                 d->part, d->path, strerror(errno));
    dc_pack_abort(d);
    return DC_FAILED;
}

static int remove_one(const char *path, const struct stat *s, int type,
                      struct FTW *where)
{
    (void)s;
    (void)type;
    (void)where;
    return remove(path);
}

void dc_pack_abort(dc_pack_dir *d)
{
    enum { DESCRIPTORS = 16 };

    if (d->part[0])
        nftw(d->part, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    d->part[0] = 0;
}

void dc_pack_sha256(const void *bytes, size_t size, char text[65])
{
    struct sha256_ctx hash;
    uint8_t digest[SHA256_DIGEST_SIZE];

    sha256_init(&hash);
    if (size)
        sha256_update(&hash, size, bytes);
    sha256_digest(&hash, sizeof digest, digest);
    for (size_t k = 0; k < sizeof digest; k++)
        snprintf(text + 2 * k, 3, "%02x", digest[k]);
}

/* Makes the directories that lead to path. */
static int make_way(char *path, const char *from)
{
    for (char *slash = path + strlen(from) + 1; (slash = strchr(slash, '/'));
         slash++) {
        int made;

        *slash = 0;
        made = mkdir(path, 0777) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made)
            return 0;
    }
    return 1;
}

dc_status dc_pack_put(dc_pack_sink *to, const char *path, const void *bytes,
                      size_t size, dc_error *e)
{
    char whole[4128 + DC_PACK_PATH];
    FILE *file;
    int good;

    if (to->count == DC_PACK_FILES ||
        (size_t)snprintf(whole, sizeof whole, "%s/%s", to->root, path) >=
            sizeof whole)
        return dc_error_set(e, DC_FAILED, NULL, -1, "no room for %.150s", path);
    file = make_way(whole, to->root) ? fopen(whole, "wb") : NULL;
    good = file && (size == 0 || fwrite(bytes, 1, size, file) == size);
    if (file)
        good &= fclose(file) == 0;
    if (!good)
        return dc_error_set(e, DC_FAILED, NULL, -1, "cannot write %.180s: %s",
                            whole, strerror(errno));
    dc_pack_file *f = &to->files[to->count++];
    snprintf(f->path, sizeof f->path, "%s", path);
    dc_pack_sha256(bytes, size, f->sha256);
    return DC_OK;
}
