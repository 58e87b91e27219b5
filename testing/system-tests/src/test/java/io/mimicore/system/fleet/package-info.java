/// Workers, queues and stores of one fleet, over a real etcd and a real MinIO. Start with
/// [io.mimicore.system.fleet.SingleFlightTest].
@NullMarked
package io.mimicore.system.fleet;

import org.jspecify.annotations.NullMarked;
