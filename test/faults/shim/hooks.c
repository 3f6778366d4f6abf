/*
 * Preloaded into the gateway by the fault campaign. Watches what it does to the files under FAULTS_ROOT and to the
 * sockets that it connects. Every such call is a point with a name, `telemetry.db-wal.sync.before`; at the one that
 * FAULTS_AT names (`<point>:<n>`, or `any:<n>` for the n-th of all) the process is killed with -9, or, with FAULTS_MIRROR,
 * its power is cut. FAULTS_CONTROL is a page by which the campaign steers it while it runs.
 */
#define _GNU_SOURCE
#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MAX_FDS 65536
#define PATH 512

enum kind { UNWATCHED, WATCHED_FILE, WATCHED_FOLDER, UPLINK };

struct descriptor {
  enum kind kind;
  struct mirrored *file;
  int append;
  char name[64];
};

struct steering *steering;
pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
char root[PATH];

static struct descriptor descriptors[MAX_FDS];
static struct steering unsteered;
static char target[128];
static long target_count;
static int has_mirror, report = -1;
static volatile int dead;

int (*real_open)(const char *, int, ...);
int (*real_close)(int);
ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
int (*real_ftruncate)(int, off_t);
int (*real_unlink)(const char *);
int (*real_rename)(const char *, const char *);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_sendmsg)(int, const struct msghdr *, int);
static ssize_t (*real_recvmsg)(int, struct msghdr *, int);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_fallocate)(int, int, off_t, off_t);
static int (*real_posix_fallocate)(int, off_t, off_t);
static int (*real_socket)(int, int, int);
static int (*real_accept4)(int, struct sockaddr *, socklen_t *, int);
static int (*real_connect)(int, const struct sockaddr *, socklen_t);
static int (*real_clock_gettime)(clockid_t, struct timespec *);

static const char *const op_names[] = {"create",  "write", "sync",    "truncate", "unlink",
                                       "rename", "connect", "send", "receive"};

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void start(void) {
  real_open = real("open");
  real_close = real("close");
  real_pwrite = real("pwrite");
  real_ftruncate = real("ftruncate");
  real_unlink = real("unlink");
  real_rename = real("rename");
  real_write = real("write");
  real_writev = real("writev");
  real_pwritev = real("pwritev");
  real_read = real("read");
  real_sendmsg = real("sendmsg");
  real_recvmsg = real("recvmsg");
  real_fsync = real("fsync");
  real_fdatasync = real("fdatasync");
  real_fallocate = real("fallocate");
  real_posix_fallocate = real("posix_fallocate");
  real_socket = real("socket");
  real_accept4 = real("accept4");
  real_connect = real("connect");
  real_clock_gettime = real("clock_gettime");
  steering = &unsteered;
  const char *folder = getenv("FAULTS_ROOT"), *mirror = getenv("FAULTS_MIRROR"), *seed = getenv("FAULTS_SEED");
  const char *at = getenv("FAULTS_AT"), *page = getenv("FAULTS_CONTROL"), *told = getenv("FAULTS_REPORT");
  if (folder == NULL) return;
  if (mirror != NULL) has_mirror = mirror_open(mirror, seed ? atoi(seed) : 0) == 0;
  if (told != NULL) report = real_open(told, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  if (page != NULL) {
    int fd = real_open(page, O_RDWR | O_CLOEXEC);
    void *shared = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *steering, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED) abort();
    steering = shared;
  }
  if (at != NULL) {
    const char *colon = strrchr(at, ':');
    if (colon == NULL) abort();
    snprintf(target, sizeof target, "%.*s", (int)(colon - at), at);
    target_count = atol(colon + 1);
  }
  snprintf(root, sizeof root, "%s", folder);
}

/* Whatever else the process wants to do after its end does not happen. */
static void stay_dead(void) {
  for (;;) pause();
}

static void act(const char *point) {
  char line[256];
  const char *cut = has_mirror ? mirror_cut() : "";
  dead = 1;
  int length = snprintf(line, sizeof line, "%s %lld %s\n", point, (long long)steering->points, cut);
  if (report >= 0 && real_write(report, line, (size_t)length) < 0) abort();
  kill(getpid(), SIGKILL);
  stay_dead();
}

/* With `lock` held. */
static void pass(const char *name, enum operation op, const char *phase) {
  char point[160];
  if (dead) stay_dead();
  steering->points += 1;
  snprintf(point, sizeof point, "%s.%s.%s", name, op_names[op], phase);
  int due = strcmp(target, "any") == 0 || strcmp(target, point) == 0;
  if (due) target_count -= 1;
  if ((due && target_count == 0) || steering->act_now) act(point);
}

static void before(const char *name, enum operation op) {
  pthread_mutex_lock(&lock);
  pass(name, op, "before");
}

static void after(const char *name, enum operation op) {
  pass(name, op, "after");
  pthread_mutex_unlock(&lock);
}

static struct descriptor *of(int fd) {
  if (dead) stay_dead();
  if (root[0] == 0 || fd < 0 || fd >= MAX_FDS || descriptors[fd].kind == UNWATCHED) return NULL;
  return &descriptors[fd];
}

/* Relative to the root; NULL outside. */
static const char *inside(const char *path, char *buffer) {
  char whole[PATH * 2], cwd[PATH];
  if (root[0] == 0 || path == NULL) return NULL;
  if (path[0] != '/') {
    if (getcwd(cwd, sizeof cwd) == NULL) return NULL;
    snprintf(whole, sizeof whole, "%s/%s", cwd, path);
    path = whole;
  }
  size_t length = strlen(root);
  if (strncmp(path, root, length) != 0) return NULL;
  if (path[length] == 0) return strcpy(buffer, "");
  if (path[length] != '/') return NULL;
  snprintf(buffer, PATH, "%s", path + length + 1);
  return buffer;
}

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int failing(int number) {
  if (number == 0) return 0;
  errno = number;
  return 1;
}

static int open_watched(const char *path, const char *name, int flags, mode_t mode) {
  struct stat st;
  int creates = (flags & O_CREAT) != 0 && stat(path, &st) != 0;
  /* A file that must not be there yet fails for being there, whatever the disk is like. */
  int changes = creates || ((flags & O_TRUNC) && !(flags & O_EXCL));
  if (changes && failing(steering->write_errno)) return -1;
  if (creates) before(base_of(name), OP_CREATE);
  int fd = real_open(path, flags, mode);
  if (!creates) pthread_mutex_lock(&lock);
  if (fd >= 0 && fd < MAX_FDS) {
    struct descriptor *one = &descriptors[fd];
    int folder = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
    one->kind = folder ? WATCHED_FOLDER : WATCHED_FILE;
    one->append = (flags & O_APPEND) != 0;
    snprintf(one->name, sizeof one->name, "%s", folder ? "folder" : base_of(name));
    one->file = has_mirror && !folder ? mirror_file(fd, name, creates) : NULL;
    if (one->file && creates) mirror_created(one->file, name);
    if (one->file && (flags & O_TRUNC)) mirror_resized(one->file);
  }
  if (creates) after(base_of(name), OP_CREATE);
  else pthread_mutex_unlock(&lock);
  return fd;
}

/* Another thing has this number now, whoever closed the one before without our hearing of it. */
static int unwatched(int fd) {
  if (fd >= 0 && fd < MAX_FDS) descriptors[fd].kind = UNWATCHED;
  return fd;
}

int socket(int domain, int type, int protocol) { return unwatched(real_socket(domain, type, protocol)); }
int accept4(int fd, struct sockaddr *from, socklen_t *size, int flags) {
  return unwatched(real_accept4(fd, from, size, flags));
}
int accept(int fd, struct sockaddr *from, socklen_t *size) { return accept4(fd, from, size, 0); }

int open(const char *path, int flags, ...) {
  mode_t mode = 0;
  char buffer[PATH];
  if (flags & (O_CREAT | O_TMPFILE)) {
    va_list list;
    va_start(list, flags);
    mode = va_arg(list, mode_t);
    va_end(list);
  }
  if (real_open == NULL) real_open = real("open");
  const char *name = inside(path, buffer);
  return name ? open_watched(path, name, flags, mode) : unwatched(real_open(path, flags, mode));
}

int open64(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = va_arg(list, mode_t);
  va_end(list);
  return open(path, flags | O_LARGEFILE, mode);
}

int close(int fd) {
  if (real_close == NULL) real_close = real("close");
  if (fd >= 0 && fd < MAX_FDS && root[0] != 0) descriptors[fd].kind = UNWATCHED;
  return real_close(fd);
}

static void wrote(struct descriptor *one, int fd, off_t at, ssize_t bytes) {
  if (one->file == NULL || bytes <= 0) return;
  off_t end = at >= 0 ? at + bytes : one->append ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
  mirror_dirty(one->file, end - bytes, end);
}

/* Runs a call on a watched descriptor between its two points. */
#define BETWEEN(one, op, type, call, done)                  \
  do {                                                      \
    before((one)->name, op);                                \
    type result = call;                                     \
    int kept = errno;                                       \
    done;                                                   \
    after((one)->name, op);                                 \
    errno = kept;                                           \
    return result;                                          \
  } while (0)

ssize_t write(int fd, const void *data, size_t size) {
  struct descriptor *one = of(fd);
  if (one == NULL) return real_write(fd, data, size);
  if (one->kind == UPLINK) BETWEEN(one, OP_SEND, ssize_t, real_write(fd, data, size), );
  if (failing(steering->write_errno)) return -1;
  BETWEEN(one, OP_WRITE, ssize_t, real_write(fd, data, size), wrote(one, fd, -1, result));
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  struct descriptor *one = of(fd);
  if (one == NULL) return real_pwrite(fd, data, size, at);
  if (failing(steering->write_errno)) return -1;
  BETWEEN(one, OP_WRITE, ssize_t, real_pwrite(fd, data, size, at), wrote(one, fd, at, result));
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { return pwrite(fd, data, size, at); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
  struct descriptor *one = of(fd);
  if (one == NULL) return real_writev(fd, parts, count);
  if (one->kind == UPLINK) BETWEEN(one, OP_SEND, ssize_t, real_writev(fd, parts, count), );
  if (failing(steering->write_errno)) return -1;
  BETWEEN(one, OP_WRITE, ssize_t, real_writev(fd, parts, count), wrote(one, fd, -1, result));
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  struct descriptor *one = of(fd);
  if (one == NULL) return real_pwritev(fd, parts, count, at);
  if (failing(steering->write_errno)) return -1;
  BETWEEN(one, OP_WRITE, ssize_t, real_pwritev(fd, parts, count, at), wrote(one, fd, at, result));
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  struct descriptor *one = of(fd);
  if (one == NULL || one->kind != UPLINK) return real_sendmsg(fd, message, flags);
  BETWEEN(one, OP_SEND, ssize_t, real_sendmsg(fd, message, flags), );
}

/* What came over the uplink is taken from the kernel, and the process dies before it has seen it. */
static void received(struct descriptor *one, ssize_t bytes) {
  if (one == NULL || one->kind != UPLINK || bytes <= 0) return;
  int kept = errno;
  pthread_mutex_lock(&lock);
  after(one->name, OP_RECEIVE);
  errno = kept;
}

ssize_t read(int fd, void *data, size_t size) {
  ssize_t bytes = real_read(fd, data, size);
  received(of(fd), bytes);
  return bytes;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
  ssize_t bytes = real_recvmsg(fd, message, flags);
  received(of(fd), bytes);
  return bytes;
}

static int sync_with(int (*how)(int), int fd) {
  struct descriptor *one = of(fd);
  if (one == NULL || one->kind == UPLINK) return how(fd);
  if (steering->stall_ms > 0) usleep((useconds_t)steering->stall_ms * 1000);
  if (failing(steering->sync_errno)) return -1;
  before(one->name, OP_SYNC);
  int result = has_mirror ? 0 : how(fd);
  if (has_mirror && one->file) mirror_sync(one->file, fd);
  if (has_mirror && one->kind == WATCHED_FOLDER) mirror_sync_folder();
  after(one->name, OP_SYNC);
  return result;
}

int fsync(int fd) { return sync_with(real_fsync, fd); }
int fdatasync(int fd) { return sync_with(real_fdatasync, fd); }

int ftruncate(int fd, off_t size) {
  struct descriptor *one = of(fd);
  if (one == NULL) return real_ftruncate(fd, size);
  if (failing(steering->write_errno)) return -1;
  BETWEEN(one, OP_TRUNCATE, int, real_ftruncate(fd, size), if (one->file) mirror_resized(one->file));
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

int fallocate(int fd, int mode, off_t at, off_t size) {
  struct descriptor *one = of(fd);
  if (one == NULL) return real_fallocate(fd, mode, at, size);
  if (failing(steering->write_errno)) return -1;
  BETWEEN(one, OP_WRITE, int, real_fallocate(fd, mode, at, size), if (one->file) mirror_resized(one->file));
}

int fallocate64(int fd, int mode, off64_t at, off64_t size) { return fallocate(fd, mode, at, size); }

int posix_fallocate(int fd, off_t at, off_t size) {
  struct descriptor *one = of(fd);
  if (one == NULL) return real_posix_fallocate(fd, at, size);
  if (steering->write_errno) return steering->write_errno;
  BETWEEN(one, OP_WRITE, int, real_posix_fallocate(fd, at, size), if (one->file) mirror_resized(one->file));
}

int posix_fallocate64(int fd, off64_t at, off64_t size) { return posix_fallocate(fd, at, size); }

int unlink(const char *path) {
  char buffer[PATH];
  const char *name = inside(path, buffer);
  if (name == NULL) return real_unlink(path);
  if (failing(steering->write_errno == EROFS ? EROFS : 0)) return -1;
  before(base_of(name), OP_UNLINK);
  int result = real_unlink(path), kept = errno;
  if (has_mirror && result == 0) mirror_unlinked(name);
  after(base_of(name), OP_UNLINK);
  errno = kept;
  return result;
}

int rename(const char *from, const char *to) {
  char first[PATH], second[PATH];
  const char *old = inside(from, first), *new = inside(to, second);
  if (old == NULL || new == NULL) return real_rename(from, to);
  if (failing(steering->write_errno == EROFS ? EROFS : 0)) return -1;
  before(base_of(new), OP_RENAME);
  int result = real_rename(from, to), kept = errno;
  if (has_mirror && result == 0) mirror_renamed(old, new);
  after(base_of(new), OP_RENAME);
  errno = kept;
  return result;
}

int connect(int fd, const struct sockaddr *address, socklen_t length) {
  int internet = address->sa_family == AF_INET || address->sa_family == AF_INET6;
  if (root[0] == 0 || !internet || fd < 0 || fd >= MAX_FDS) return real_connect(fd, address, length);
  if (dead) stay_dead();
  before("uplink", OP_CONNECT);
  descriptors[fd] = (struct descriptor){.kind = UPLINK, .name = "uplink"};
  int result = real_connect(fd, address, length), kept = errno;
  after("uplink", OP_CONNECT);
  errno = kept;
  return result;
}

static void shift(struct timespec *time) {
  int64_t ms = steering->clock_offset;
  time->tv_sec += ms / 1000;
  time->tv_nsec += (ms % 1000) * 1000000;
  if (time->tv_nsec >= 1000000000) time->tv_sec += 1, time->tv_nsec -= 1000000000;
  if (time->tv_nsec < 0) time->tv_sec -= 1, time->tv_nsec += 1000000000;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (real_clock_gettime == NULL) real_clock_gettime = real("clock_gettime");
  int result = real_clock_gettime(clock, time);
  int wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (result == 0 && wall && steering && steering->clock_offset) shift(time);
  return result;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
