// SPDX-License-Identifier: Apache-2.0
// Facebook's zstd by its public header alone: blocks of recordings are its frames.
#ifndef SAKER_CZSTD_H
#define SAKER_CZSTD_H

#include <zstd.h>

#endif
