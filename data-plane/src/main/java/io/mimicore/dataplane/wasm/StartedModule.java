package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ActiveElement;
import com.dylibso.chicory.wasm.types.Element;
import com.dylibso.chicory.wasm.types.ElementSection;
import java.util.List;

/// The module of instances that begin with a [WarmImage], which holds their tables.
///
/// Active element segments are empty in it. They have done their work when the image is taken and
/// count as dropped from then on (core spec 2.0 §4.5.4), but the runtime would evaluate an
/// expression for each of thousands of entries, and leave as many objects behind, in each instance.
final class StartedModule {
    private StartedModule() {}

    /// @param module without a start section
    static WasmModule of(WasmModule module) {
        WasmModule.Builder builder =
                WasmModule.builder()
                        .setTypeSection(module.typeSection())
                        .setImportSection(module.importSection())
                        .setFunctionSection(module.functionSection())
                        .setTableSection(module.tableSection())
                        .setGlobalSection(module.globalSection())
                        .setExportSection(module.exportSection())
                        .setElementSection(emptied(module.elementSection()))
                        .setCodeSection(module.codeSection())
                        .setDataSection(module.dataSection())
                        // It was when it was parsed.
                        .withValidation(false);
        module.memorySection().ifPresent(builder::setMemorySection);
        module.dataCountSection().ifPresent(builder::setDataCountSection);
        module.tagSection().ifPresent(builder::setTagSection);
        return builder.build();
    }

    private static ElementSection emptied(ElementSection section) {
        var builder = ElementSection.builder();
        for (int i = 0; i < section.elementCount(); i++) {
            builder.addElement(emptied(section.getElement(i)));
        }
        return builder.build();
    }

    private static Element emptied(Element element) {
        return element instanceof ActiveElement active
                ? new ActiveElement(active.type(), List.of(), active.tableIndex(), active.offset())
                : element;
    }
}
