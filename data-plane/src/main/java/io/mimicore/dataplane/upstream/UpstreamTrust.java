package io.mimicore.dataplane.upstream;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
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

    /// The JVM's trust store, and the certificates of a file besides.
    ///
    /// @param file PEM, one certificate or more; what stands around them is left out
    /// @throws IOException if it cannot be read, or holds no certificate
    public static UpstreamTrust with(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> added =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (added.isEmpty()) {
                throw new IOException(file + ": (expected: certificates in PEM)");
            }
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            int count = 0;
            for (Certificate certificate : ofTheJvm()) {
                anchors.setCertificateEntry("jvm-" + count++, certificate);
            }
            for (Certificate certificate : added) {
                anchors.setCertificateEntry("added-" + count++, certificate);
            }
            return of(factory(anchors));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": " + e.getMessage() + " (expected: PEM)", e);
        }
    }

    private static List<Certificate> ofTheJvm() throws GeneralSecurityException {
        List<Certificate> all = new ArrayList<>();
        for (TrustManager manager : factory(null).getTrustManagers()) {
            if (manager instanceof X509TrustManager known) {
                all.addAll(List.of(known.getAcceptedIssuers()));
            }
        }
        return all;
    }

    private static TrustManagerFactory factory(@Nullable KeyStore anchors)
            throws GeneralSecurityException {
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(anchors);
        return factory;
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
