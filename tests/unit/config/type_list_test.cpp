// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/type_list.h"

#include "tests/unit/config/config_testing.h"

namespace ion {
namespace {

TEST(HeapTypeList, TellsOfEachTypeAndOptionAllThatIsDeclared) {
    EXPECT_EQ(heap_type_list(kTestTypes),
              "system: type number 0 (msm-3.4: 0); without a region\n"
              "system_contig: type number 1 (msm-3.4: 1); without a region\n"
              "carveout: type number 2 (msm-3.4: 2); in a region\n"
              "chunk: type number 3 (msm-3.4: 6); in a region\n"
              "    chunk_size: size, default 16K, 4K to 1M: bytes of a chunk\n"
              "    order: integer, default 4, 0 to 9: h\n"
              "    limit: size, default 0: at most\n"
              "    pools: boolean, default true: keep freed memory\n"
              "    label: text, default \"none\": a word\n"
              "cma, dma: type number 4 (msm-3.4: 5); in a region\n"
              "cp: type number 5 (msm-3.4: 4); in a region\n");
}

}  // namespace
}  // namespace ion
