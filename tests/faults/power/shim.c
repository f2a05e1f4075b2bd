/* A disk that forgets: keeps an undo log of what was written below one folder, so that a "power cut" can take back
 * whatever was not fsynced. Preloaded; see cut.py for the log's reader.
 *
 * POWER_FOLDER  the folder that is watched (absolute, no link in it)
 * POWER_LOG     the undo log; beside it "<log>.d/" keeps what was unlinked or replaced, so that no inode is used twice
 * POWER_FULL    while this file exists, writing below the folder fails with ENOSPC
 * power_arm(n)  kill the process (-9) at the n-th change from now on; 0 never
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 4096
#define REAL(name) ((__typeof__(&name))real(#name, &at_##name))
#define SLOT(name) static void *at_##name;

SLOT(open) SLOT(openat) SLOT(close) SLOT(write) SLOT(pwrite) SLOT(pwrite64) SLOT(writev)
SLOT(ftruncate) SLOT(ftruncate64) SLOT(fsync) SLOT(fdatasync) SLOT(unlinkat) SLOT(renameat)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[4096], log_path[4096], full_path[4096];
static int log_fd = -1;
static char watched[FDS]; /* 1 file, 2 folder */
static char append_mode[FDS];
static long armed, changes;

static void *real(const char *name, void **slot) {
    if (!*slot) *slot = dlsym(RTLD_NEXT, name);
    return *slot;
}

void power_setup(const char *where, const char *log, const char *full) {
    char grave[4200];
    snprintf(folder, sizeof folder, "%s", where ? where : "");
    snprintf(log_path, sizeof log_path, "%s", log ? log : "");
    snprintf(full_path, sizeof full_path, "%s", full ? full : "");
    if (log_fd >= 0) REAL(close)(log_fd);
    log_fd = -1;
    changes = 0;
    if (folder[0] && log_path[0]) {
        snprintf(grave, sizeof grave, "%s.d", log_path);
        mkdir(grave, 0700);
        log_fd = REAL(open)(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
}

__attribute__((constructor)) static void begin(void) {
    power_setup(getenv("POWER_FOLDER"), getenv("POWER_LOG"), getenv("POWER_FULL"));
}

void power_arm(long n) { armed = n; changes = 0; }
long power_changes(void) { return changes; }

static void absolute(int dir, const char *path, char *out) {
    if (path[0] == '/') { snprintf(out, 4096, "%s", path); return; }
    char base[2048] = "", link[64];
    if (dir == AT_FDCWD) { if (!getcwd(base, sizeof base)) base[0] = 0; }
    else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
        ssize_t n = readlink(link, base, sizeof base - 1);
        base[n > 0 ? n : 0] = 0;
    }
    snprintf(out, 4096, "%s/%s", base, path);
}

static int below(const char *path) {
    size_t n = strlen(folder), m = strlen(path);
    if (log_fd < 0 || !n || strncmp(path, folder, n) || (path[n] && path[n] != '/')) return 0;
    return !(m > 4 && !strcmp(path + m - 4, "-shm")); /* shared memory, rebuilt at each start */
}

static void put(const void *data, size_t n) {
    const char *p = data;
    while (n) {
        ssize_t k = REAL(write)(log_fd, p, n);
        if (k <= 0) abort();
        p += k; n -= (size_t)k;
    }
}

/* One record: type, ino, offset, old size, lengths of two byte strings, then both. */
static void record(char type, uint64_t ino, int64_t offset, int64_t size, const void *a, uint64_t na, const void *b, uint64_t nb) {
    struct { char mark[7]; char type; uint64_t ino; int64_t offset, size; uint64_t na, nb; } head =
        {"power1", type, ino, offset, size, na, nb};
    put(&head, sizeof head);
    put(a, na);
    put(b, nb);
}

static void step(void) {
    if (armed && ++changes >= armed) kill(getpid(), SIGKILL);
    if (!armed) changes++;
}

static int full(void) { return full_path[0] && access(full_path, F_OK) == 0; }

static int readers[FDS];
static void *old_of(int fd, int64_t offset, int64_t size, int64_t *n) {
    /* The caller's descriptor may be write-only. A reader is kept as long as it, since closing one drops the process's locks. */
    if (fd < FDS && !readers[fd]) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        int in = REAL(open)(link, O_RDONLY | O_CLOEXEC);
        readers[fd] = in >= 0 ? in + 1 : 0;
    }
    *n = size > offset ? (*n < size - offset ? *n : size - offset) : 0;
    char *data = malloc(*n ? (size_t)*n : 1);
    int64_t done = 0;
    while (done < *n) {
        ssize_t k = pread(fd < FDS && readers[fd] ? readers[fd] - 1 : fd, data + done, (size_t)(*n - done), offset + done);
        if (k <= 0) break;
        done += k;
    }
    *n = done;
    return data;
}

static void before_write(int fd, int64_t offset, const void *data, size_t n) {
    struct stat st;
    fstat(fd, &st);
    if (append_mode[fd]) offset = st.st_size;
    else if (offset < 0) offset = lseek(fd, 0, SEEK_CUR);
    int64_t had = (int64_t)n;
    void *old = old_of(fd, offset, st.st_size, &had);
    record('W', st.st_ino, offset, st.st_size, old, (uint64_t)had, data, n);
    free(old);
}

static void before_truncate(int fd, int64_t length) {
    struct stat st;
    fstat(fd, &st);
    int64_t had = st.st_size > length ? st.st_size - length : 0;
    void *old = old_of(fd, length, st.st_size, &had);
    record('T', st.st_ino, length, st.st_size, old, (uint64_t)had, "", 0);
    free(old);
}

static int is_file(int fd) { return fd >= 0 && fd < FDS && watched[fd] == 1; }

/* files */

static int opened(int fd, const char *path, int flags, int was_there) {
    if (fd < 0 || fd >= FDS) return fd;
    struct stat st;
    fstat(fd, &st);
    watched[fd] = S_ISDIR(st.st_mode) ? 2 : S_ISREG(st.st_mode) ? 1 : 0;
    append_mode[fd] = (flags & O_APPEND) != 0;
    if (!was_there && watched[fd] == 1) record('C', st.st_ino, 0, 0, path, strlen(path), "", 0);
    return fd;
}

static int do_open(int dir, const char *name, int flags, mode_t mode) {
    char path[4096];
    absolute(dir, name, path);
    if (!below(path)) return REAL(openat)(dir, name, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat st;
    int was_there = stat(path, &st) == 0;
    if (!was_there && (flags & O_CREAT)) {
        if (full()) { pthread_mutex_unlock(&lock); errno = ENOSPC; return -1; }
        step();
    }
    int truncates = was_there && (flags & O_TRUNC) && S_ISREG(st.st_mode);
    int fd = REAL(openat)(dir, name, flags & ~(truncates ? O_TRUNC : 0), mode);
    opened(fd, path, flags, was_there);
    if (truncates && fd >= 0) {
        before_truncate(fd, 0);
        step();
        if (REAL(ftruncate)(fd, 0)) abort();
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list l; va_start(l, flags); mode = va_arg(l, mode_t); va_end(l); }
int open(const char *path, int flags, ...) { MODE return do_open(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return do_open(AT_FDCWD, path, flags, mode); }
int openat(int dir, const char *path, int flags, ...) { MODE return do_open(dir, path, flags, mode); }
int openat64(int dir, const char *path, int flags, ...) { MODE return do_open(dir, path, flags, mode); }

int close(int fd) {
    if (fd >= 0 && fd < FDS && watched[fd]) {
        pthread_mutex_lock(&lock);
        watched[fd] = 0;
        if (readers[fd]) { REAL(close)(readers[fd] - 1); readers[fd] = 0; }
        pthread_mutex_unlock(&lock);
    }
    return REAL(close)(fd);
}

#define CHANGE(fd, log, call) \
    do { \
        pthread_mutex_lock(&lock); \
        if (full()) { pthread_mutex_unlock(&lock); errno = ENOSPC; return -1; } \
        log; step(); \
        __typeof__(call) out = call; \
        int kept = errno; pthread_mutex_unlock(&lock); errno = kept; \
        return out; \
    } while (0)

ssize_t write(int fd, const void *data, size_t n) {
    if (!is_file(fd)) return REAL(write)(fd, data, n);
    CHANGE(fd, before_write(fd, -1, data, n), REAL(write)(fd, data, n));
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t offset) {
    if (!is_file(fd)) return REAL(pwrite)(fd, data, n, offset);
    CHANGE(fd, before_write(fd, offset, data, n), REAL(pwrite)(fd, data, n, offset));
}
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t offset) {
    if (!is_file(fd)) return REAL(pwrite64)(fd, data, n, offset);
    CHANGE(fd, before_write(fd, offset, data, n), REAL(pwrite64)(fd, data, n, offset));
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!is_file(fd)) return REAL(writev)(fd, parts, count);
    return count ? write(fd, parts[0].iov_base, parts[0].iov_len) : 0; /* a short write is allowed */
}
int ftruncate(int fd, off_t length) {
    if (!is_file(fd)) return REAL(ftruncate)(fd, length);
    CHANGE(fd, before_truncate(fd, length), REAL(ftruncate)(fd, length));
}
int ftruncate64(int fd, off64_t length) {
    if (!is_file(fd)) return REAL(ftruncate64)(fd, length);
    CHANGE(fd, before_truncate(fd, length), REAL(ftruncate64)(fd, length));
}

static int synced(int fd) {
    struct stat st;
    char path[4096] = "", link[64];
    pthread_mutex_lock(&lock);
    step();
    fstat(fd, &st);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    record(watched[fd] == 2 ? 'D' : 'S', st.st_ino, 0, 0, path, n > 0 ? (uint64_t)n : 0, "", 0);
    pthread_mutex_unlock(&lock);
    return 0;
}
int fsync(int fd) { return fd >= 0 && fd < FDS && watched[fd] ? synced(fd) : REAL(fsync)(fd); }
int fdatasync(int fd) { return fd >= 0 && fd < FDS && watched[fd] ? synced(fd) : REAL(fdatasync)(fd); }

/* names */

static uint64_t graves;
static uint64_t bury(const char *path) {
    char grave[4300];
    struct stat st;
    if (lstat(path, &st)) return 0;
    do snprintf(grave, sizeof grave, "%s.d/%d-%llu", log_path, (int)getpid(), (unsigned long long)++graves);
    while (link(path, grave) && errno == EEXIST);
    return st.st_ino;
}

static int do_unlink(int dir, const char *name, int flags) {
    char path[4096];
    absolute(dir, name, path);
    if (!below(path) || flags) return REAL(unlinkat)(dir, name, flags);
    pthread_mutex_lock(&lock);
    step();
    uint64_t ino = bury(path);
    if (ino) record('U', ino, 0, 0, path, strlen(path), "", 0);
    int out = REAL(unlinkat)(dir, name, flags);
    int kept = errno; pthread_mutex_unlock(&lock); errno = kept;
    return out;
}
int unlink(const char *path) { return do_unlink(AT_FDCWD, path, 0); }
int unlinkat(int dir, const char *path, int flags) { return do_unlink(dir, path, flags); }

static int do_rename(int from_dir, const char *from, int to_dir, const char *to) {
    char a[4096], b[4096];
    struct stat st;
    absolute(from_dir, from, a);
    absolute(to_dir, to, b);
    if (!below(a) && !below(b)) return REAL(renameat)(from_dir, from, to_dir, to);
    pthread_mutex_lock(&lock);
    step();
    uint64_t replaced = bury(b);
    if (lstat(a, &st) == 0) record('R', st.st_ino, (int64_t)replaced, 0, a, strlen(a), b, strlen(b));
    int out = REAL(renameat)(from_dir, from, to_dir, to);
    int kept = errno; pthread_mutex_unlock(&lock); errno = kept;
    return out;
}
int rename(const char *a, const char *b) { return do_rename(AT_FDCWD, a, AT_FDCWD, b); }
int renameat(int da, const char *a, int db, const char *b) { return do_rename(da, a, db, b); }
