#include "compiler/jit/link.h"

#include <optional>

#include <llvm/ExecutionEngine/JITLink/EHFrameSupport.h>
#include <llvm/ExecutionEngine/JITLink/JITLink.h>
#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>
#include <llvm/Support/Memory.h>

namespace swage::jit {

namespace {

using llvm::jitlink::JITLinkMemoryManager;
using llvm::jitlink::LinkGraph;

llvm::Error full() {
  return llvm::make_error<llvm::StringError>("no room left for machine code",
                                             std::make_error_code(std::errc::not_enough_memory));
}

bool allows(llvm::orc::MemProt set, llvm::orc::MemProt access) {
  return (static_cast<unsigned>(set) & static_cast<unsigned>(access)) != 0;
}

std::byte* pointer(llvm::orc::ExecutorAddr address) { return address.toPtr<std::byte*>(); }

/// An object's pages between layout and the end of its fixups: all writable, then each segment as its
/// sections ask.
class InFlight final : public JITLinkMemoryManager::InFlightAlloc {
public:
  InFlight(Slab& slab, llvm::jitlink::BasicLayout layout) : slab_(slab), layout_(std::move(layout)) {}

  void finalize(OnFinalizedFunction done) override {
    assert(layout_.graphAllocActions().empty() && "only plugins of ORC's add actions");
    for (auto& [group, segment] : layout_.segments()) {
      auto* begin = reinterpret_cast<std::byte*>(segment.WorkingMem);
      size_t size = segment.ContentSize + segment.ZeroFillSize;
      Access access = Access::read;
      if (allows(group.getMemProt(), llvm::orc::MemProt::Exec))
        access = Access::execute;
      else if (allows(group.getMemProt(), llvm::orc::MemProt::Write))
        access = Access::read_write;
      if (access == Access::execute) llvm::sys::Memory::InvalidateInstructionCache(begin, size);
      if (!slab_.protect(begin, size, access)) return done(full());
    }
    done(JITLinkMemoryManager::FinalizedAlloc(llvm::orc::ExecutorAddr()));
  }

  // Pages of a link that failed stay with the slab: the module is given up then.
  void abandon(OnAbandonedFunction done) override { done(llvm::Error::success()); }

private:
  Slab& slab_;
  llvm::jitlink::BasicLayout layout_;
};

class SlabMemory final : public JITLinkMemoryManager {
public:
  explicit SlabMemory(Slab& slab) : slab_(slab) {}

  void allocate(const llvm::jitlink::JITLinkDylib*, LinkGraph& graph, OnAllocatedFunction done) override {
    llvm::jitlink::BasicLayout layout(graph);
    auto sizes = layout.getContiguousPageBasedLayoutSizes(slab_.page_size());
    if (!sizes) return done(sizes.takeError());
    std::byte* place = slab_.allocate(sizes->total());
    if (!place) return done(full());
    for (auto& [group, segment] : layout.segments()) {
      segment.Addr = llvm::orc::ExecutorAddr::fromPtr(place);
      segment.WorkingMem = reinterpret_cast<char*>(place);
      place += llvm::alignTo(segment.ContentSize + segment.ZeroFillSize, slab_.page_size());
    }
    if (llvm::Error error = layout.apply()) return done(std::move(error));
    done(std::make_unique<InFlight>(slab_, std::move(layout)));
  }

  void deallocate(std::vector<FinalizedAlloc> allocations, OnDeallocatedFunction done) override {
    for (FinalizedAlloc& allocation : allocations) allocation.release();
    done(llvm::Error::success());
  }

private:
  Slab& slab_;
};

/// One link from start to end. JITLink reports through callbacks, which all run before link() returns, since
/// every answer here is given at once.
class Context final : public llvm::jitlink::JITLinkContext {
public:
  Context(Slab& slab, ResolveSymbol resolve, LinkedObject& out, std::optional<Error>& error)
      : JITLinkContext(nullptr), memory_(slab), resolve_(resolve), out_(out), error_(error) {}

  JITLinkMemoryManager& getMemoryManager() override { return memory_; }

  void notifyFailed(llvm::Error error) override {
    if (error_) return llvm::consumeError(std::move(error)); // it already says why
    std::string text = llvm::toString(std::move(error));
    error_ = fail(ErrorCode::resource, "cannot link machine code: " + text).error();
  }

  void lookup(const LookupMap& wanted,
              std::unique_ptr<llvm::jitlink::JITLinkAsyncLookupContinuation> done) override {
    llvm::jitlink::AsyncLookupResult found;
    for (const auto& [name, flags] : wanted) {
      const void* address = resolve_(*name);
      if (!address) {
        error_ = fail(ErrorCode::unsupported,
                      "compiled code needs \"" + (*name).str() + "\", which the JIT does not offer")
                     .error();
        return done->run(
            llvm::make_error<llvm::StringError>("undefined symbol", llvm::inconvertibleErrorCode()));
      }
      found[name] = {llvm::orc::ExecutorAddr::fromPtr(address), llvm::JITSymbolFlags::Exported};
    }
    done->run(std::move(found));
  }

  llvm::Error notifyResolved(LinkGraph& graph) override {
    for (llvm::jitlink::Symbol* symbol : graph.defined_symbols()) {
      if (!symbol->hasName()) continue;
      out_.symbols.push_back({(*symbol->getName()).str(), pointer(symbol->getAddress()), symbol->getSize()});
    }
    for (llvm::jitlink::Section& section : graph.sections()) {
      llvm::jitlink::SectionRange range(section);
      if (range.empty() || section.getMemLifetime() == llvm::orc::MemLifetime::NoAlloc) continue;
      bool is_code = allows(section.getMemProt(), llvm::orc::MemProt::Exec);
      out_.sections.push_back(
          {section.getName().str(), pointer(range.getStart()), pointer(range.getEnd()), is_code});
    }
    if (llvm::jitlink::Section* frames = llvm::jitlink::getEHFrameSection(graph))
      out_.eh_frame = pointer(llvm::jitlink::SectionRange(*frames).getStart());
    return llvm::Error::success();
  }

  void notifyFinalized(JITLinkMemoryManager::FinalizedAlloc allocation) override { allocation.release(); }

private:
  SlabMemory memory_;
  ResolveSymbol resolve_;
  LinkedObject& out_;
  std::optional<Error>& error_;
};

} // namespace

const LinkedSymbol* LinkedObject::find(llvm::StringRef name) const {
  for (const LinkedSymbol& symbol : symbols)
    if (symbol.name == name) return &symbol;
  return nullptr;
}

Expected<LinkedObject> link_object(llvm::MemoryBufferRef object, Slab& slab, ResolveSymbol resolve,
                                   std::shared_ptr<llvm::orc::SymbolStringPool> names) {
  LinkedObject out;
  std::optional<Error> error;
  auto context = std::make_unique<Context>(slab, resolve, out, error);
  auto graph = llvm::jitlink::createLinkGraphFromObject(object, std::move(names));
  if (!graph)
    context->notifyFailed(graph.takeError());
  else
    llvm::jitlink::link(std::move(*graph), std::move(context));
  if (error) return std::unexpected(std::move(*error));
  return out;
}

} // namespace swage::jit
