package io.mimicore.testkit;

import io.mimicore.store.MetadataStore;
import io.mimicore.testkit.contract.MetadataStoreContract;

/// The fake keeps the contract of the real stores.
class InMemoryMetadataStoreContractTest extends MetadataStoreContract {
    @Override
    protected MetadataStore open() {
        return new InMemoryMetadataStore();
    }
}
