// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift cannot call: one wrapper for each argument type.
// All return libcurl's own code (0 is success), print nothing and hold no state.

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) { return curl_easy_setopt(easy, option, value); }

static inline CURLcode ccurl_set_large(CURL *easy, CURLoption option, curl_off_t value) { return curl_easy_setopt(easy, option, value); }

// libcurl copies the text.
static inline CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value) { return curl_easy_setopt(easy, option, value); }

// libcurl keeps the pointer: the caller keeps what is behind it alive until the transfer ends.
static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) { return curl_easy_setopt(easy, option, value); }

static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

// CURL_BLOB_COPY: libcurl copies the bytes, so a Swift buffer may be handed over for the time of the call only.
static inline CURLcode ccurl_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {.data = (void *)bytes, .len = count, .flags = CURL_BLOB_COPY};
    return curl_easy_setopt(easy, option, &blob);
}

typedef size_t (*ccurl_data_function)(char *bytes, size_t size, size_t count, void *context);

// The type of both the body's and the headers' callback; setopt takes it untyped, so a wrong one would not be noticed.
static inline CURLcode ccurl_set_data_function(CURL *easy, CURLoption option, ccurl_data_function function) {
    return curl_easy_setopt(easy, option, function);
}

static inline CURLcode ccurl_get_long(CURL *easy, CURLINFO info, long *value) { return curl_easy_getinfo(easy, info, value); }

static inline CURLcode ccurl_get_large(CURL *easy, CURLINFO info, curl_off_t *value) { return curl_easy_getinfo(easy, info, value); }

static inline CURLcode ccurl_get_pointer(CURL *easy, CURLINFO info, void *value) { return curl_easy_getinfo(easy, info, (void **)value); }

static inline CURLcode ccurl_get_socket(CURL *easy, curl_socket_t *socket) {
    return curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, socket);
}

// Asked about once a second while libcurl waits; anything but 0 ends what it does.
static inline CURLcode ccurl_set_progress_function(CURL *easy, curl_xferinfo_callback function, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, function);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_XFERINFODATA, context);
    return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) : code;
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

// CURLMsg holds a union whose members are told apart by msg: read here in one place.
static inline CURLcode ccurl_message_result(const CURLMsg *message) { return message->data.result; }

// Macros with casts, which Swift does not import.
static inline size_t ccurl_write_paused(void) { return CURL_WRITEFUNC_PAUSE; }

// CURL_GLOBAL_ALL is a macro of shifts. Counted and guarded by a lock inside libcurl since 7.84, so every client may call it.
static inline CURLcode ccurl_global_init(void) { return curl_global_init(CURL_GLOBAL_ALL); }
