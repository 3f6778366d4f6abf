/*
 * The mirror folder holds what survives a power cut. Writes reach it at the file's fsync or fdatasync; creations,
 * renames and removals reach it at the folder's fsync, and with the seed's lowest bit set also at the fsync of any file,
 * as on ext4, where one journal commits both. At the cut nothing, all, or a random part of what was not synced is added,
 * in blocks of 512 bytes: a disk writes back in any order.
 */
#define _GNU_SOURCE
#include "faults.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILES 4096
#define MAX_NAMES 4096
#define BLOCK 512
#define PATH 512

struct range {
  int64_t from, to;
};

struct mirrored {
  dev_t dev;
  ino_t ino;
  int id, gone, resized;
  struct range *dirty;
  int ranges, room;
  char path[PATH];
};

enum change { CREATED, UNLINKED, RENAMED };

struct name_change {
  enum change what;
  int id;
  char from[PATH], to[PATH];
};

static char mirror[PATH];
static int as_journal;
static uint64_t random_state;
static struct mirrored *files[MAX_FILES];
static int file_count;
static struct name_change changes[MAX_NAMES];
static int change_count;

/* The libc's own, behind the shim's: see hooks.c. */
extern int (*real_open)(const char *, int, ...);
extern int (*real_close)(int);
extern ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
extern int (*real_ftruncate)(int, off_t);
extern int (*real_unlink)(const char *);
extern int (*real_rename)(const char *, const char *);

static uint32_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (uint32_t)(random_state >> 16);
}

int mirror_open(const char *folder, int seed) {
  char inodes[PATH + 16];
  snprintf(mirror, sizeof mirror, "%s", folder);
  snprintf(inodes, sizeof inodes, "%s/.inodes", folder);
  mkdir(inodes, 0700);
  as_journal = seed & 1;
  random_state = 0x9e3779b97f4a7c15ull ^ ((uint64_t)(uint32_t)seed << 20);
  for (int i = 0; i < 8; i++) next_random();
  return 0;
}

static void name_of(char *out, const char *path) { snprintf(out, PATH * 2, "%s/%s", mirror, path); }
static void inode_of(char *out, int id) { snprintf(out, PATH * 2, "%s/.inodes/%d", mirror, id); }

struct mirrored *mirror_file(int fd, const char *path, int created) {
  struct stat st;
  char name[PATH * 2], inode[PATH * 2];
  if (fstat(fd, &st) != 0) return NULL;
  for (int i = file_count - 1; i >= 0; i--) {
    struct mirrored *known = files[i];
    if (known->dev != st.st_dev || known->ino != st.st_ino || known->gone) continue;
    if (!created) return known;
    known->gone = 1; /* the number of an inode that is no more */
  }
  if (file_count == MAX_FILES) abort();
  struct mirrored *file = calloc(1, sizeof *file);
  file->dev = st.st_dev;
  file->ino = st.st_ino;
  file->id = file_count;
  snprintf(file->path, PATH, "%s", path);
  files[file_count++] = file;
  inode_of(inode, file->id);
  real_unlink(inode);
  name_of(name, path);
  if (created || link(name, inode) != 0) {
    int empty = real_open(inode, O_CREAT | O_WRONLY | O_TRUNC, st.st_mode & 0777);
    if (empty >= 0) real_close(empty);
  }
  return file;
}

void mirror_dirty(struct mirrored *file, int64_t from, int64_t to) {
  if (to <= from) return;
  if (file->ranges > 0 && file->dirty[file->ranges - 1].to == from) {
    file->dirty[file->ranges - 1].to = to;
    return;
  }
  if (file->ranges == file->room) {
    file->room = file->room ? file->room * 2 : 64;
    file->dirty = realloc(file->dirty, (size_t)file->room * sizeof *file->dirty);
  }
  file->dirty[file->ranges++] = (struct range){from, to};
}

void mirror_resized(struct mirrored *file) { file->resized = 1; }

static void copy(int from, int to, int64_t begin, int64_t end) {
  char buffer[65536];
  while (begin < end) {
    size_t want = end - begin > (int64_t)sizeof buffer ? sizeof buffer : (size_t)(end - begin);
    ssize_t got = pread(from, buffer, want, begin);
    if (got <= 0) return;
    if (real_pwrite(to, buffer, (size_t)got, begin) != got) abort();
    begin += got;
  }
}

/* A descriptor of the file's own that can be read, whatever the program opened it for. */
static int readable(int fd) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return real_open(path, O_RDONLY | O_CLOEXEC);
}

static int mirror_descriptor(struct mirrored *file) {
  char inode[PATH * 2];
  inode_of(inode, file->id);
  return real_open(inode, O_WRONLY | O_CLOEXEC);
}

static void apply(struct name_change *change) {
  char from[PATH * 2], to[PATH * 2];
  name_of(from, change->from);
  switch (change->what) {
    case CREATED:
      inode_of(to, change->id);
      real_unlink(from);
      if (link(to, from) != 0) { /* removed again since */ }
      return;
    case UNLINKED:
      real_unlink(from);
      return;
    case RENAMED:
      name_of(to, change->to);
      real_rename(from, to);
  }
}

static void apply_names(int count) {
  for (int i = 0; i < count; i++) apply(&changes[i]);
  change_count = 0;
}

void mirror_sync(struct mirrored *file, int fd) {
  int from = readable(fd), to = mirror_descriptor(file);
  struct stat st;
  if (from >= 0 && to >= 0 && fstat(from, &st) == 0) {
    for (int i = 0; i < file->ranges; i++) copy(from, to, file->dirty[i].from, file->dirty[i].to);
    if (file->resized && real_ftruncate(to, st.st_size) != 0) abort();
  }
  file->ranges = 0;
  file->resized = 0;
  if (from >= 0) real_close(from);
  if (to >= 0) real_close(to);
  if (as_journal) apply_names(change_count);
}

static struct name_change *change(enum change what, const char *from) {
  if (change_count == MAX_NAMES) abort();
  struct name_change *next = &changes[change_count++];
  next->what = what;
  snprintf(next->from, PATH, "%s", from);
  return next;
}

void mirror_created(struct mirrored *file, const char *path) { change(CREATED, path)->id = file->id; }
void mirror_unlinked(const char *path) { change(UNLINKED, path); }
void mirror_renamed(const char *from, const char *to) { snprintf(change(RENAMED, from)->to, PATH, "%s", to); }
void mirror_sync_folder(void) { apply_names(change_count); }

static void tear(struct mirrored *file, const char *root_path, int share) {
  int from = real_open(root_path, O_RDONLY | O_CLOEXEC), to = mirror_descriptor(file);
  struct stat st;
  if (from >= 0 && to >= 0 && fstat(from, &st) == 0 && st.st_ino == file->ino) {
    for (int i = 0; i < file->ranges; i++) {
      for (int64_t at = file->dirty[i].from; at < file->dirty[i].to;) {
        int64_t end = (at / BLOCK + 1) * BLOCK;
        if (end > file->dirty[i].to) end = file->dirty[i].to;
        if ((int)(next_random() % 100) < share) copy(from, to, at, end);
        at = end;
      }
    }
    if (file->resized && (int)(next_random() % 100) < share && real_ftruncate(to, st.st_size) != 0) abort();
  }
  if (from >= 0) real_close(from);
  if (to >= 0) real_close(to);
}

/* Adds what the disk may have written by itself, and tells how much of it. */
const char *mirror_cut(void) {
  static const int shares[] = {0, 0, 30, 70, 100};
  static char told[64];
  extern char root[];
  int share = shares[next_random() % 5];
  int unsynced = 0;
  for (int i = 0; i < file_count; i++) {
    char path[PATH * 2];
    if (files[i]->gone) continue;
    for (int k = 0; k < files[i]->ranges; k++)
      unsynced += (int)((files[i]->dirty[k].to - files[i]->dirty[k].from + BLOCK - 1) / BLOCK);
    snprintf(path, sizeof path, "%s/%s", root, files[i]->path);
    if (share > 0) tear(files[i], path, share);
  }
  if (share > 0) apply_names(share == 100 ? change_count : (int)(next_random() % (uint32_t)(change_count + 1)));
  snprintf(told, sizeof told, "unsynced=%d kept=%d%%%s", unsynced, share, as_journal ? " journal" : "");
  return told;
}
