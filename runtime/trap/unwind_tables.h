// The unwind tables of code that is compiled in this process, as the unwinder wants to know them.
//
// libgcc searches the tables that were registered with it one after the other, for each frame: with a table
// for each of a thousand batches a throw took 400 us instead of 5. So they are registered together, as one
// table that libgcc sorts, and only when somebody is about to walk a stack; whoever adds or removes code in
// between only says that it has to be done again.
#pragma once

#include <cstddef>

namespace swage {

/// A whole .eh_frame section, with its terminator. It stays where it is until it is removed.
void add_unwind_table(const std::byte* eh_frame);
void remove_unwind_table(const std::byte* eh_frame);

/// Around each walk of a stack: until end_unwinding, the unwinder knows all tables, and none is removed. Any
/// number of threads may walk at once.
void begin_unwinding();
void end_unwinding();

} // namespace swage
