/* What the parts of the shim share: the points it knows, the page it is steered by, the mirror. */
#ifndef FAULTS_H
#define FAULTS_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* The page that the campaign writes into while the process runs; test/faults/steering.ts has the same layout. */
struct steering {
  int32_t stall_ms;     /* before each sync */
  int32_t write_errno;  /* what writes, creations and truncations of watched files fail with; 0: nothing */
  int32_t sync_errno;   /* the same for syncs */
  int32_t act_now;      /* 1: act at the next point, whichever it is */
  int64_t clock_offset; /* ms, added to the wall clock */
  int64_t points;       /* passed so far; written by the shim */
};

enum operation { OP_CREATE, OP_WRITE, OP_SYNC, OP_TRUNCATE, OP_UNLINK, OP_RENAME, OP_CONNECT, OP_SEND, OP_RECEIVE };

struct mirrored; /* one inode under the root */

extern struct steering *steering;
extern pthread_mutex_t lock;

/* mirror.c: what a power cut would leave. All with `lock` held; `path` is relative to the root. */
int mirror_open(const char *mirror, int torn_seed);
struct mirrored *mirror_file(int fd, const char *path, int created);
void mirror_dirty(struct mirrored *file, int64_t from, int64_t to);
void mirror_resized(struct mirrored *file);
void mirror_sync(struct mirrored *file, int fd);
void mirror_created(struct mirrored *file, const char *path);
void mirror_unlinked(const char *path);
void mirror_renamed(const char *from, const char *to);
void mirror_sync_folder(void);
const char *mirror_cut(void);

#endif
