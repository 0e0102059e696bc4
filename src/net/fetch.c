/*
 * net/fetch.c - one HTTP request per job, with libcurl.
 *
 * Layer:  net (loud).
 * Thread: the loop's, but for run_job and what it calls.
 */
#include "net/fetch.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "loop/clock.h"
#include "loop/log.h"
#include "loop/metrics.h"
#include "net/resolve_internal.h"

#define SIGNATURE_HEADER "Moot-Signature:"
#define CHALLENGE_HEADER "Moot-Challenge:"
#define RETRY_HEADER "Retry-After:"
#define HTTP_OK 200
#define HTTP_NOT_FOUND 404
#define HTTP_REDIRECTS 3 /* the first digit */
#define HTTP_FULL 503

struct moot_fetches {
    const struct moot_sink *sink;
    struct moot_jobs *jobs;
};

struct fetch_job {
    struct moot_job job; /* first: a job is its fetch */
    struct moot_fetches *all;
    struct moot_fx_ask what;
    int cancel_fd;
    int rc;
    bool too_large;
    struct moot_buf body;
    char signature[256];               /* "": the header was not there */
    char challenge[64], retry[16];     /* likewise */
    char url[MOOT_SOURCE_LEN_MAX + 1]; /* a page; "": a bootstrap peer */
    bool posting;
    long status;
    struct moot_buf upload;
    char upload_signature[256]; /* its header, whole */
};

static size_t len_max(const struct fetch_job *j)
{
    return *j->url ? MOOT_PEERS_LEN_MAX : MOOT_ANSWER_LEN_MAX;
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
    struct fetch_job *j = ctx;

    if (j->body.len + size * n > len_max(j)) {
        j->too_large = true;
        return 0;
    }
    moot_buf_append(&j->body, data, size * n);
    return size * n;
}

/* Keeps the value of the header if it is that one and fits. */
static void take_header(struct moot_bytes line, const char *name, char *out,
                        size_t max)
{
    const char *text = (const char *)line.data;
    size_t at = strlen(name), len = line.len;

    if (len < at || strncasecmp(text, name, at) != 0)
        return;
    while (at < len && text[at] == ' ')
        at++;
    while (len > at && strchr("\r\n ", text[len - 1]) != NULL)
        len--;
    if (len - at >= max)
        return;
    memcpy(out, text + at, len - at);
    out[len - at] = '\0';
}

static size_t on_header(char *data, size_t size, size_t n, void *ctx)
{
    struct fetch_job *j = ctx;
    struct moot_bytes line = moot_bytes_of(data, size * n);

    take_header(line, SIGNATURE_HEADER, j->signature, sizeof j->signature);
    take_header(line, CHALLENGE_HEADER, j->challenge, sizeof j->challenge);
    take_header(line, RETRY_HEADER, j->retry, sizeof j->retry);
    return size * n;
}

static int error_of(CURLcode code, long os_error)
{
    switch ((int)code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return MOOT_ENAME;
    case CURLE_OPERATION_TIMEDOUT:
        return MOOT_ETIMEOUT;
    case CURLE_COULDNT_CONNECT:
        return os_error == 0 ? MOOT_EREFUSED : moot_socket_error((int)os_error);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: /* the system knows no authority at all */
        return MOOT_ECERT;
    case CURLE_SSL_CONNECT_ERROR:
        return MOOT_ETLS;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
        return MOOT_ERESET;
    default:
        return MOOT_EANSWER;
    }
}

/*
 * curl would resolve in a thread of its own that it cannot stop, so we resolve
 * before and tell it the result.  A host with colons is an address: there is
 * nothing to resolve, and curl would not understand the pair.  false: the name
 * does not resolve.
 */
static bool resolve(const struct moot_addr *a, struct curl_slist **ret_names)
{
    union moot_sockaddr found[MOOT_RESOLVED_MAX];
    struct moot_buf text = {NULL, 0, 0, 0};
    unsigned count;

    *ret_names = NULL;
    if (strchr(a->host, ':') != NULL)
        return true;
    count = moot_resolve(a, found, MOOT_RESOLVED_MAX);
    if (count == 0)
        return false;
    moot_buf_printf(&text, "%s:%u:", a->host, (unsigned)a->port);
    for (unsigned i = 0; i < count; i++) {
        struct moot_addr one;
        bool v6;

        moot_sockaddr_addr(&found[i], &one);
        v6 = strchr(one.host, ':') != NULL;
        moot_buf_printf(&text, "%s%s%s%s", i > 0 ? "," : "", v6 ? "[" : "",
                        one.host, v6 ? "]" : "");
    }
    *ret_names = curl_slist_append(NULL, moot_buf_text(&text));
    moot_buf_fini(&text);
    return true;
}

static void set_options(CURL *h, struct fetch_job *j, const char *url,
                        struct curl_slist *names, moot_ms within)
{
    curl_easy_setopt(h, CURLOPT_URL, url);
    curl_easy_setopt(h, CURLOPT_RESOLVE, names);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, *j->url ? "http,https" : "http");
    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)within);
    curl_easy_setopt(h, CURLOPT_MAXFILESIZE, (long)len_max(j));
    curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "moot");
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, j);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, j);
}

/* What is sent is there until the transfer ends.  Returns the headers, which
 * have to be freed then. */
static struct curl_slist *set_upload(CURL *h, const struct fetch_job *j)
{
    struct curl_slist *headers;

    if (!j->posting)
        return NULL;
    headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, j->upload_signature);
    headers = curl_slist_append(headers, "Expect:"); /* no second trip */
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(h, CURLOPT_POSTFIELDS, moot_buf_view(&j->upload).data);
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE, (long)j->upload.len);
    return headers;
}

/* The question, and the name of our group in it as it has to be in a URL. */
static void put_url(const struct fetch_job *j, struct moot_buf *url)
{
    char addr[MOOT_ADDR_TEXT_MAX], id[MOOT_HEX_LEN + 1];

    if (*j->url) {
        moot_buf_printf(url, "%s", j->url);
        return;
    }
    moot_addr_format(&j->what.addr, addr);
    moot_buf_printf(url, "http://%s/bootstrap", addr);
    if (j->posting)
        return;
    moot_buf_printf(url, "?nonce=%s%s%s", j->what.nonce,
                    *j->what.marks ? "&marks=" : "", j->what.marks);
    if (j->what.group[0] == '\0')
        return;
    moot_hex(j->what.id.b, id);
    moot_buf_printf(url, "&identity=%s&group=", id);
    for (const char *c = j->what.group; *c != '\0'; c++)
        moot_buf_printf(url, "%%%02X", (unsigned)(uint8_t)*c);
}

/* Runs the transfer; false when the pool is closing. */
static bool transfer(CURLM *m, int cancel_fd, CURLcode *ret_code)
{
    struct curl_waitfd cancel = {cancel_fd, CURL_WAIT_POLLIN, 0};
    const CURLMsg *msg;
    int running = 1, left;

    while (running > 0) {
        if (curl_multi_perform(m, &running) != CURLM_OK)
            return false;
        if (running > 0 &&
            curl_multi_poll(m, &cancel, 1, 1000, NULL) != CURLM_OK)
            return false;
        if (cancel.revents != 0)
            return false;
    }
    msg = curl_multi_info_read(m, &left);
    *ret_code = msg != NULL ? msg->data.result : CURLE_GOT_NOTHING;
    return true;
}

static int judge(struct fetch_job *j, CURL *h, CURLcode code)
{
    long os_error = 0;

    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &j->status);
    curl_easy_getinfo(h, CURLINFO_OS_ERRNO, &os_error);
    if (j->too_large || code == CURLE_FILESIZE_EXCEEDED)
        return MOOT_ELIMIT;
    if (code != CURLE_OK)
        return error_of(code, os_error);
    if (j->posting || j->status == HTTP_OK)
        return MOOT_OK;
    if (j->status == HTTP_NOT_FOUND && j->challenge[0] != '\0')
        return MOOT_ENONE; /* a directory that would take our group */
    if (j->status == HTTP_FULL && j->challenge[0] != '\0')
        return MOOT_EFULL;
    return j->status / 100 == HTTP_REDIRECTS ? MOOT_EREDIRECT : MOOT_ESTATUS;
}

/* The pool may have closed, and left us behind, while we were resolving. */
static bool cancelled(const struct fetch_job *j)
{
    struct pollfd fd = {j->cancel_fd, POLLIN, 0};

    return poll(&fd, 1, 0) != 0;
}

static int fetch(struct fetch_job *j)
{
    moot_ms began = moot_clock_ms();
    struct curl_slist *names;
    bool found = resolve(&j->what.addr, &names);
    moot_ms left = j->what.within - (moot_clock_ms() - began);
    struct moot_buf url = {NULL, 0, 0, 0};
    struct curl_slist *headers = NULL;
    CURLcode code = CURLE_OK;
    int rc = MOOT_ECLOSED;
    CURLM *m;
    CURL *h;

    if (!found)
        return MOOT_ENAME;
    if (left <= 0 || cancelled(j)) {
        curl_slist_free_all(names);
        return MOOT_ETIMEOUT;
    }
    put_url(j, &url);
    h = curl_easy_init();
    m = curl_multi_init();
    if (h == NULL || m == NULL) {
        rc = MOOT_ESYS;
    } else {
        set_options(h, j, moot_buf_text(&url), names, left);
        headers = set_upload(h, j);
        curl_multi_add_handle(m, h);
        if (transfer(m, j->cancel_fd, &code))
            rc = judge(j, h, code);
        curl_multi_remove_handle(m, h);
    }
    curl_easy_cleanup(h);
    curl_multi_cleanup(m);
    curl_slist_free_all(names);
    curl_slist_free_all(headers);
    moot_buf_fini(&url);
    return rc;
}

static void run_job(struct moot_job *job)
{
    struct fetch_job *j = (struct fetch_job *)job;

    j->rc = fetch(j);
}

static struct moot_metric asks = {
    .name = "moot_asks_total",
    .help = "Questions to bootstrap sources, by what came of them.",
    .labels = {"outcome"}};

static const char *header_of(const char *value)
{
    return value[0] != '\0' ? value : NULL;
}

static void log_outcome(const struct fetch_job *j)
{
    struct moot_log_number port = moot_log_int(j->what.addr.port);

    moot_metric_add_for(&asks, moot_error_word(j->rc), NULL, 1);
    if (j->rc != MOOT_OK)
        moot_log(MOOT_LOG_INFO, j->posting ? "post_failed" : "ask_failed",
                 "host", j->what.addr.host, "#port", port.text, "why",
                 moot_error_text(j->rc), NULL);
    else if (!j->posting)
        moot_log(MOOT_LOG_INFO, "asked", "host", j->what.addr.host, "#port",
                 port.text, NULL);
}

static void report_post(const struct fetch_job *j, struct moot_event *ev)
{
    ev->kind = MOOT_EV_POSTED;
    ev->posted.token = j->what.token;
    ev->posted.why = j->rc;
    ev->posted.status = (unsigned)j->status;
    ev->posted.retry_s = (unsigned)strtoul(j->retry, NULL, 10);
    ev->posted.body = moot_buf_view(&j->body);
    ev->posted.signature = header_of(j->signature);
    ev->posted.challenge = header_of(j->challenge);
}

static void report(const struct fetch_job *j)
{
    struct moot_event ev;

    log_outcome(j);
    memset(&ev, 0, sizeof ev);
    if (j->posting) {
        report_post(j, &ev);
    } else if (j->rc == MOOT_OK && *j->url) {
        ev.kind = MOOT_EV_LIST;
        ev.list.token = j->what.token;
        ev.list.text = moot_buf_view(&j->body);
        ev.list.here = moot_addr_loopback(&j->what.addr);
    } else if (j->rc == MOOT_OK) {
        ev.kind = MOOT_EV_ANSWER;
        ev.answer.token = j->what.token;
        ev.answer.json = moot_buf_view(&j->body);
        ev.answer.signature = header_of(j->signature);
        ev.answer.challenge = header_of(j->challenge);
    } else {
        ev.kind = MOOT_EV_ASK_FAILED;
        ev.failed.token = j->what.token;
        ev.failed.why = j->rc;
        ev.failed.challenge = header_of(j->challenge);
    }
    moot_sink_deliver(j->all->sink, &ev);
}

static void job_done(struct moot_job *job)
{
    struct fetch_job *j = (struct fetch_job *)job;

    if (!moot_jobs_closing(j->all->jobs))
        report(j);
    moot_buf_fini(&j->body);
    moot_buf_fini(&j->upload);
    free(j);
}

struct moot_fetches *moot_fetches_open(const struct moot_sink *sink,
                                       struct moot_jobs *jobs)
{
    struct moot_fetches *f = moot_alloc(sizeof *f);

    curl_global_init(CURL_GLOBAL_ALL);
    moot_metric_list(&asks);
    f->sink = sink;
    f->jobs = jobs;
    return f;
}

static struct fetch_job *make_job(struct moot_fetches *f)
{
    struct fetch_job *j = moot_alloc(sizeof *j);

    j->job.run = run_job;
    j->job.done = job_done;
    j->all = f;
    j->cancel_fd = moot_jobs_cancel_fd(f->jobs);
    j->rc = MOOT_ELIMIT;
    return j;
}

static void submit(struct moot_fetches *f, struct fetch_job *j)
{
    if (moot_jobs_submit(f->jobs, &j->job) != MOOT_OK)
        moot_jobs_skip(f->jobs, &j->job);
}

void moot_fetches_start(struct moot_fetches *f, const struct moot_fx_ask *what)
{
    struct fetch_job *j = make_job(f);

    j->what = *what;
    submit(f, j);
}

/* Whom the page is on: to be resolved, as for all others.  false: that is no
 * page we could read. */
static bool parse_url(const char *url, struct moot_addr *ret_addr)
{
    struct moot_buf text = {NULL, 0, 0, 0};
    char *host = NULL, *port = NULL;
    CURLU *u = curl_url();
    bool ok;

    ok =
        u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
    if (ok) {
        moot_buf_printf(&text, "%s:%s", host, port);
        ok = moot_addr_parse(moot_buf_view(&text), ret_addr) == MOOT_OK;
        moot_buf_fini(&text);
    }
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(u);
    return ok;
}

void moot_fetches_read(struct moot_fetches *f, const struct moot_fx_read *what)
{
    struct fetch_job *j = make_job(f);

    j->what.token = what->token;
    j->what.within = what->within;
    snprintf(j->url, sizeof j->url, "%s", what->url);
    if (parse_url(what->url, &j->what.addr)) {
        submit(f, j);
        return;
    }
    j->rc = MOOT_EINVAL;
    moot_jobs_skip(f->jobs, &j->job);
}

void moot_fetches_post(struct moot_fetches *f, const struct moot_fx_post *what)
{
    struct fetch_job *j = make_job(f);
    struct moot_bytes body = moot_buf_view(&what->body);

    j->posting = true;
    j->what.token = what->token;
    j->what.addr = what->addr;
    j->what.within = what->within;
    moot_buf_append(&j->upload, body.data, body.len);
    snprintf(j->upload_signature, sizeof j->upload_signature, "%s %s",
             SIGNATURE_HEADER, what->signature);
    submit(f, j);
}

void moot_fetches_close(struct moot_fetches *f)
{
    if (f == NULL)
        return;
    curl_global_cleanup();
    free(f);
}
