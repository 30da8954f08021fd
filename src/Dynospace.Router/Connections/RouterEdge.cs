using Dynospace.Router.Routing;
using Dynospace.Router.Tls;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Connections;

/// <summary>What every connection passes before its requests are read: whose it is, whether it may stay, and TLS.</summary>
internal sealed class RouterEdge : IDisposable
{
    private readonly ClientAddressMiddleware _addresses;
    private readonly OpenConnections _connections;
    private readonly CertificateTable _certificates;

    public RouterEdge(IRoutingTable table, CertificateTable certificates, AddressRanges proxies, TimeProvider clock, ILoggerFactory loggers)
    {
        _addresses = new ClientAddressMiddleware(proxies, clock, loggers.CreateLogger<ClientAddressMiddleware>());
        _connections = new OpenConnections(table, clock);
        _certificates = certificates;
    }

    public void ConfigureHttp(ListenOptions listen)
    {
        listen.Use(next => connection => _addresses.OnConnectionAsync(connection, next));
        listen.Use(next => connection => _connections.OnConnectionAsync(connection, next));
    }

    public void ConfigureHttps(ListenOptions listen)
    {
        ConfigureHttp(listen);
        listen.UseHttps(TlsHandshake.Options(_certificates));
    }

    public void Dispose() => _connections.Dispose();
}
