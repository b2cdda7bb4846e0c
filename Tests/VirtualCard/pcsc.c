/* A PC/SC client library with no pcscd behind it, for scdaemon's `pcsc-driver` option.
 *
 * Readers are the entries "NAME.reader" of the folder in which this library lies, under the name that scdaemon
 * loaded it by: each GNUPGHOME has its own copy and so its own readers. A reader that holds a card is a symbolic
 * link to the unix socket of the card's process, any other reader is a link to nothing. The socket speaks the
 * protocol of vsmartcard's vpcd (see virtualcard/reader.py).
 *
 * Only the twelve calls that scdaemon 2.2 and 2.4 make are here. Their meaning and numbers: pcsclite's winscard.h.
 *
 *   cc -shared -fPIC -o pcsc.so pcsc.c -ldl -lpthread
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef unsigned long Word; /* DWORD of pcsclite on Linux */
typedef long Status;

/* Error codes are 32 bits wide and unsigned, though the calls return a long. */
#define SUCCESS ((Status)0)
#define INVALID_HANDLE ((Status)0x80100003)
#define INSUFFICIENT_BUFFER ((Status)0x80100008)
#define UNKNOWN_READER ((Status)0x80100009)
#define TIMEOUT ((Status)0x8010000A)
#define NO_SMARTCARD ((Status)0x8010000C)
#define UNSUPPORTED_FEATURE ((Status)0x80100022)
#define NO_READERS ((Status)0x8010002E)
#define REMOVED_CARD ((Status)0x80100069)

enum { STATE_CHANGED = 0x02, STATE_EMPTY = 0x10, STATE_PRESENT = 0x20, STATE_INUSE = 0x100, STATE_MASK = 0x3FF };
enum { STATUS_PRESENT_POWERED_NEGOTIABLE = 0x34, PROTOCOL_T1 = 2 };
enum { ATR_MAX = 33, MESSAGE_MAX = 65535, READERS_MAX = 4096 };

struct ReaderState {
  const char *reader;
  void *user;
  Word current, event, atr_length;
  unsigned char atr[ATR_MAX];
};

struct IoRequest {
  Word protocol, length;
};

static const char SUFFIX[] = ".reader";
static const char POWER_OFF = 0, POWER_ON = 1, RESET = 2, ANSWER_TO_RESET = 4;

static struct Handle {
  int fd; /* 0: free */
  char reader[128];
} handles[16];
enum { HANDLES = sizeof handles / sizeof *handles };
static pthread_mutex_t handles_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- readers and cards ---------------------------------------------------------------------------------------- */

static const char *folder(void)
{
  static char path[512];
  Dl_info info;
  if (!*path && dladdr((void *)folder, &info) && info.dli_fname) {
    snprintf(path, sizeof path, "%s", info.dli_fname);
    char *slash = strrchr(path, '/');
    if (slash)
      *slash = 0;
    else
      strcpy(path, ".");
  }
  return path;
}

/* A connection to the card in a reader, or -1 when there is none. */
static int dial(const char *reader)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t room = sizeof address.sun_path;
  if ((size_t)snprintf(address.sun_path, room, "%s/%s%s", folder(), reader, SUFFIX) >= room)
    return -1;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

static int send_message(int fd, const void *data, size_t length)
{
  unsigned char message[2 + MESSAGE_MAX];
  if (length > MESSAGE_MAX)
    return -1;
  message[0] = length >> 8;
  message[1] = length & 0xFF;
  memcpy(message + 2, data, length);
  return send(fd, message, length + 2, MSG_NOSIGNAL) == (ssize_t)(length + 2) ? 0 : -1;
}

static int receive_exactly(int fd, unsigned char *data, size_t length)
{
  for (size_t got = 0; got < length;) {
    ssize_t n = recv(fd, data + got, length - got, 0);
    if (n <= 0)
      return -1;
    got += n;
  }
  return 0;
}

/* Sends a message and receives the answer: its length, or -1 when the card is gone or the answer too long. */
static int exchange(int fd, const void *data, size_t length, unsigned char *answer, size_t room)
{
  unsigned char head[2];
  if (send_message(fd, data, length) || receive_exactly(fd, head, 2))
    return -1;
  size_t n = head[0] << 8 | head[1];
  if (n > room || receive_exactly(fd, answer, n))
    return -1;
  return n;
}

static int answer_to_reset(int fd, unsigned char atr[ATR_MAX])
{
  return exchange(fd, &ANSWER_TO_RESET, 1, atr, ATR_MAX);
}

/* The connection of a handle as scdaemon knows it (one more than its index), or 0. */
static int connection(long handle)
{
  return handle >= 1 && handle <= HANDLES ? handles[handle - 1].fd : 0;
}

static int in_use(const char *reader)
{
  int found = 0;
  pthread_mutex_lock(&handles_lock);
  for (int i = 0; i < HANDLES; i++)
    found |= handles[i].fd > 0 && strcmp(handles[i].reader, reader) == 0;
  pthread_mutex_unlock(&handles_lock);
  return found;
}

/* ---- the calls ------------------------------------------------------------------------------------------------ */

Status SCardEstablishContext(Word scope, const void *reserved1, const void *reserved2, long *context)
{
  *context = 1;
  return SUCCESS;
}

Status SCardReleaseContext(long context) { return SUCCESS; }
Status SCardCancel(long context) { return SUCCESS; }
Status SCardBeginTransaction(long handle) { return SUCCESS; }
Status SCardEndTransaction(long handle, Word disposition) { return SUCCESS; }

/* No reader of ours has a PIN pad or other features. */
Status SCardControl(long handle, Word code, const void *in, Word in_length, void *out, Word room, Word *length)
{
  if (length)
    *length = 0;
  return UNSUPPORTED_FEATURE;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static int is_reader(const struct dirent *entry)
{
  size_t length = strlen(entry->d_name), suffix = sizeof SUFFIX - 1;
  return length > suffix && strcmp(entry->d_name + length - suffix, SUFFIX) == 0;
}

/* Names one after the other, each ended by a NUL, and one NUL more. */
Status SCardListReaders(long context, const char *groups, char *out, Word *length)
{
  struct dirent **entries;
  char names[READERS_MAX];
  Word used = 0;
  int count = scandir(folder(), &entries, is_reader, by_name);
  for (int i = 0; i < count; i++) {
    size_t n = strlen(entries[i]->d_name) - (sizeof SUFFIX - 1);
    if (used + n + 2 <= sizeof names) {
      memcpy(names + used, entries[i]->d_name, n);
      names[used + n] = 0;
      used += n + 1;
    }
    free(entries[i]);
  }
  if (count >= 0)
    free(entries);
  if (used == 0)
    return NO_READERS;
  names[used++] = 0;
  if (out) {
    if (*length < used)
      return INSUFFICIENT_BUFFER;
    memcpy(out, names, used);
  }
  *length = used;
  return SUCCESS;
}

/* scdaemon polls with a timeout of zero, so nothing is waited for. */
Status SCardGetStatusChange(long context, Word timeout, struct ReaderState *states, Word count)
{
  int changed = 0;
  for (Word i = 0; i < count; i++) {
    struct ReaderState *s = &states[i];
    Word now = STATE_EMPTY;
    int fd = dial(s->reader);
    if (fd >= 0) {
      int n = answer_to_reset(fd, s->atr);
      close(fd);
      if (n > 0) {
        s->atr_length = n;
        now = STATE_PRESENT | (in_use(s->reader) ? STATE_INUSE : 0);
      }
    }
    s->event = now;
    if ((s->current & STATE_MASK & ~(Word)STATE_CHANGED) != now) {
      s->event |= STATE_CHANGED;
      changed = 1;
    }
  }
  return changed ? SUCCESS : TIMEOUT;
}

Status SCardConnect(long context, const char *reader, Word share, Word preferred, long *handle, Word *protocol)
{
  unsigned char atr[ATR_MAX];
  Status result = UNKNOWN_READER;
  int fd = dial(reader);
  if (fd < 0)
    return NO_SMARTCARD;
  if (answer_to_reset(fd, atr) <= 0 || send_message(fd, &POWER_ON, 1)) {
    close(fd);
    return NO_SMARTCARD;
  }
  pthread_mutex_lock(&handles_lock);
  for (int i = 0; i < HANDLES && result != SUCCESS; i++)
    if (handles[i].fd == 0) {
      handles[i].fd = fd;
      snprintf(handles[i].reader, sizeof handles[i].reader, "%s", reader);
      *handle = i + 1;
      *protocol = PROTOCOL_T1;
      result = SUCCESS;
    }
  pthread_mutex_unlock(&handles_lock);
  if (result != SUCCESS)
    close(fd);
  return result;
}

Status SCardReconnect(long handle, Word share, Word preferred, Word initialization, Word *protocol)
{
  int fd = connection(handle);
  if (fd == 0)
    return INVALID_HANDLE;
  *protocol = PROTOCOL_T1;
  return send_message(fd, &RESET, 1) ? REMOVED_CARD : SUCCESS;
}

Status SCardDisconnect(long handle, Word disposition)
{
  int fd = connection(handle);
  if (fd == 0)
    return INVALID_HANDLE;
  send_message(fd, &POWER_OFF, 1);
  pthread_mutex_lock(&handles_lock);
  handles[handle - 1].fd = 0;
  pthread_mutex_unlock(&handles_lock);
  close(fd);
  return SUCCESS;
}

Status SCardStatus(
    long handle, char *reader, Word *reader_length, Word *state, Word *protocol, unsigned char *atr, Word *atr_length)
{
  unsigned char own[ATR_MAX];
  int fd = connection(handle);
  if (fd == 0)
    return INVALID_HANDLE;
  int n = answer_to_reset(fd, own);
  if (n <= 0)
    return REMOVED_CARD;
  if (reader && reader_length) {
    snprintf(reader, *reader_length, "%s", handles[handle - 1].reader);
    *reader_length = strlen(reader) + 1;
  }
  if (state)
    *state = STATUS_PRESENT_POWERED_NEGOTIABLE;
  if (protocol)
    *protocol = PROTOCOL_T1;
  if (atr && atr_length) {
    if (*atr_length < (Word)n)
      return INSUFFICIENT_BUFFER;
    memcpy(atr, own, n);
    *atr_length = n;
  }
  return SUCCESS;
}

Status SCardTransmit(
    long handle, const struct IoRequest *sent, const unsigned char *command, Word length, struct IoRequest *received,
    unsigned char *answer, Word *room)
{
  int fd = connection(handle);
  if (fd == 0)
    return INVALID_HANDLE;
  int n = exchange(fd, command, length, answer, *room);
  *room = n < 0 ? 0 : n;
  return n < 0 ? REMOVED_CARD : SUCCESS;
}
