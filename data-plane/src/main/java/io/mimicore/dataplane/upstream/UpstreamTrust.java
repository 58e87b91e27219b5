package io.mimicore.dataplane.upstream;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// How TLS upstreams are checked: whom they must be vouched for by. The host's name is checked in
/// any case (RFC 9110 §4.3.4). Immutable.
public final class UpstreamTrust {
    private final SslContext context;

    private UpstreamTrust(SslContext context) {
        this.context = context;
    }

    /// The JVM's trust store: the system's certificates, or what `javax.net.ssl.trustStore` names.
    ///
    /// @throws IllegalStateException if the JVM cannot speak TLS
    public static UpstreamTrust ofThisMachine() {
        return of(null);
    }

    /// @param anchors `null`: the JVM's trust store
    static UpstreamTrust of(@Nullable TrustManagerFactory anchors) {
        try {
            return new UpstreamTrust(
                    SslContextBuilder.forClient()
                            .sslProvider(SslProvider.JDK)
                            .trustManager(anchors)
                            .endpointIdentificationAlgorithm("HTTPS")
                            .protocols("TLSv1.3", "TLSv1.2")
                            .applicationProtocolConfig(
                                    new ApplicationProtocolConfig(
                                            Protocol.ALPN,
                                            SelectorFailureBehavior.NO_ADVERTISE,
                                            SelectedListenerFailureBehavior.ACCEPT,
                                            ApplicationProtocolNames.HTTP_2,
                                            ApplicationProtocolNames.HTTP_1_1))
                            .build());
        } catch (SSLException e) {
            throw new IllegalStateException("TLS: cannot be set up (expected: a JVM with it)", e);
        }
    }

    SslContext context() {
        return context;
    }
}
