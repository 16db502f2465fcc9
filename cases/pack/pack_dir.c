/* SPDX-License-Identifier: MIT
 *
 * Writing a pack so that it is complete or visibly absent: it is built in a
 * directory next to its final one and renamed at the end.
 */
#include "cases/pack/pack.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <nettle/sha2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Does path exist, and is it anything but an empty directory?  A link to an
 * empty directory is, because the pack cannot be renamed to it. */
static bool occupied(const char *path)
{
    struct stat s;
    struct dirent *entry;
    bool found = false;
    DIR *dir;

    if (lstat(path, &s) != 0)
        return false;
    dir = S_ISDIR(s.st_mode) ? opendir(path) : NULL;
    if (!dir)
        return true;
    while ((entry = readdir(dir)))
        found |= strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(dir);
    return found;
}

/* Reports why mkdir failed, with the parent directory if that is the cause. */
static dc_status mkdir_error(const dc_pack_dir *d, dc_error *e)
{
    const char *slash = strrchr(d->path, '/');
    const bool exists = errno == ENOTDIR;

    if (slash && (errno == ENOENT || exists))
        return dc_failed(e, "cannot make %.110s: %s%.*s%s", d->path,
                         exists ? "" : "there is no directory ",
                         slash - d->path < 110 ? (int)(slash - d->path) : 110,
                         d->path, exists ? " is no directory" : "");
    return dc_failed(e, "cannot make %.150s: %s", d->part, strerror(errno));
}

dc_status dc_pack_begin(dc_pack_dir *d, const char *path, dc_error *e)
{
    size_t length = strlen(path);

    memset(d, 0, sizeof *d);
    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length == 0 || length >= sizeof d->path)
        return dc_invalid(e, "expected a directory, not `%.60s'", path);
    memcpy(d->path, path, length);
    if (occupied(d->path))
        return dc_invalid(e, "%.150s exists and is not an empty directory",
                          d->path);
    snprintf(d->part, sizeof d->part, "%s.part-%ld", d->path, (long)getpid());
    if (mkdir(d->part, 0777) != 0) {
        mkdir_error(d, e);
        d->part[0] = 0; /* nothing for dc_pack_abort to remove */
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
    dc_failed(e, "cannot rename %.90s to %.90s: %s", d->part, d->path,
              strerror(errno));
    dc_pack_abort(d);
    return DC_FAILED;
}

static int remove_one(const char *path, const struct stat *s, int type,
                      struct FTW *level)
{
    (void)s;
    (void)type;
    (void)level;
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

/* Makes the directories between `root` and the file `path`. */
static bool make_parents(char *path, const char *root)
{
    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/'));
         slash++) {
        bool made;

        *slash = 0;
        made = mkdir(path, 0777) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made)
            return false;
    }
    return true;
}

dc_status dc_pack_put(dc_pack_sink *to, const char *path, const void *bytes,
                      size_t size, dc_error *e)
{
    char whole[4128 + DC_PACK_PATH];
    FILE *file;
    bool good;

    if (to->count == DC_PACK_FILES ||
        (size_t)snprintf(whole, sizeof whole, "%s/%s", to->root, path) >=
            sizeof whole)
        return dc_failed(e, "no room for %.150s", path);
    file = make_parents(whole, to->root) ? fopen(whole, "wbe") : NULL;
    good = file && (size == 0 || fwrite(bytes, 1, size, file) == size);
    if (file)
        good &= fclose(file) == 0;
    if (!good)
        return dc_failed(e, "cannot write %.180s: %s", whole, strerror(errno));
    dc_pack_file *f = &to->files[to->count++];
    snprintf(f->path, sizeof f->path, "%s", path);
    dc_pack_sha256(bytes, size, f->sha256);
    return DC_OK;
}
