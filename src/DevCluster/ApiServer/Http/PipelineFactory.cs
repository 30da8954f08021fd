using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Registry;
using Microsoft.Extensions.Logging;

namespace DevCluster.ApiServer.Http;

/// <summary>Puts the request pipeline together.</summary>
internal static class PipelineFactory
{
    public static RequestPipeline Create(
        ResourceRegistry registry,
        ResourceCatalog catalog,
        IReadOnlyList<DevClusterUser> users,
        ServiceAccountTokens tokens,
        TimeProvider clock,
        ILoggerFactory loggers,
        CancellationToken serverStopping)
    {
        var authorizer = new RbacAuthorizer(registry);
        var authenticator = new TokenAuthenticator(users, tokens);
        var guard = new WriteGuard(registry, authorizer);
        var reader = new ObjectReader(registry, new ListSnapshots(), clock);
        var writer = new ObjectWriter(registry, catalog, guard, clock);
        var patcher = new ObjectPatcher(registry, catalog, guard, clock);
        var router = new ResourceRouter(
            reader,
            new WatchStreamer(registry, clock, serverStopping),
            writer,
            patcher,
            new ObjectDeleter(registry, catalog, clock),
            new ScaleHandler(registry, catalog),
            new SubresourceHandler(registry, reader, writer, patcher, tokens, clock, serverStopping),
            new ReviewHandler(registry, authorizer, authenticator, clock));
        return new RequestPipeline(
            authenticator,
            new Impersonation(authorizer),
            authorizer,
            new DiscoveryHandler(catalog),
            new OpenApiHandler(catalog),
            catalog,
            router,
            loggers.CreateLogger<RequestPipeline>());
    }
}
