// Http: requests from the socket to the registry and back, one handler for each verb and subresource.

using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Pods;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Processes a request: authentication, request attributes, authorization, then the handler. Every refusal becomes a
/// Status.
/// </summary>
internal sealed class RequestPipeline(
    TokenAuthenticator authenticator,
    Impersonation impersonation,
    RbacAuthorizer authorizer,
    DiscoveryHandler discovery,
    OpenApiHandler openApi,
    ResourceCatalog catalog,
    ResourceRouter router,
    ILogger logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            await DispatchAsync(http);
        }
        catch (ApiStatusException refusal)
        {
            await RefuseAsync(http, refusal);
        }
        catch (Exception failure) when (failure is OperationCanceledException or ConnectionResetException
            or ConnectionAbortedException)
        {
            logger.LogTrace("{Path}: the client left", http.Request.Path);
        }
        catch (BadHttpRequestException failure)
        {
            await RefuseAsync(http, ApiErrors.BadRequest(failure.Message));
        }
        catch (Exception failure)
        {
            // An internal error: the client receives the API's 500 Status, and the log contains the stack trace.
            logger.LogError(failure, "{Method} {Path} failed", http.Request.Method, http.Request.Path);
            await RefuseAsync(
                http, new ApiStatusException(500, "InternalError", $"Internal error occurred: {failure.Message}"));
        }
    }

    private async Task DispatchAsync(HttpContext http)
    {
        var user = impersonation.Apply(authenticator.Authenticate(http.Request), http.Request);
        var info = RequestInfo.Parse(http.Request);
        var access = AccessRequest.From(user, info);
        if (!authorizer.IsAllowed(access))
        {
            throw ForbiddenErrors.For(access);
        }

        if (info.IsResource)
        {
            await RouteAsync(http, info, user);
        }
        else if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            throw ApiErrors.MethodNotAllowed();
        }
        else if (!await discovery.TryHandleAsync(http) && !await openApi.TryHandleAsync(http))
        {
            await UnknownPathAsync(http);
        }
    }

    private Task RouteAsync(HttpContext http, RequestInfo info, UserInfo user)
    {
        if (!catalog.Current.Serves(info.Group, info.Version))
        {
            return UnknownPathAsync(http);
        }

        var definition = catalog.Current.Find(info.Group, info.Version, info.Plural)
            ?? throw ApiErrors.UnknownResource();
        if (definition.DeprecationWarning is { } warning)
        {
            http.Warn(warning);
        }

        return router.RouteAsync(new ResourceRequest(http, info, definition, user));
    }

    private static Task UnknownPathAsync(HttpContext http) =>
        http.WriteBytesAsync(404, "404 page not found\n"u8.ToArray(), "text/plain; charset=utf-8");

    private static Task RefuseAsync(HttpContext http, ApiStatusException refusal)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return Task.CompletedTask;
        }

        return StatusWriter.WriteFailureAsync(http, refusal);
    }
}

/// <summary>Composes the request pipeline.</summary>
internal static class PipelineFactory
{
    public static RequestPipeline Create(
        ResourceRegistry registry,
        ResourceCatalog catalog,
        IReadOnlyList<DevClusterUser> users,
        ServiceAccountTokens tokens,
        TimeProvider clock,
        ILoggerFactory loggers,
        IPodConnections? pods,
        IServiceConnections? services,
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
            new SubresourceHandler(registry, reader, writer, patcher, tokens,
                pods is null ? null : new PodStreamHandler(pods),
                new ServiceProxy(registry, pods, services),
                clock,
                serverStopping),
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

/// <summary>Routes an authorized resource request to the handler of its verb and subresource.</summary>
internal sealed class ResourceRouter(
    ObjectReader reader,
    WatchStreamer watches,
    ObjectWriter writer,
    ObjectPatcher patcher,
    ObjectDeleter deleter,
    ScaleHandler scale,
    SubresourceHandler subresources,
    ReviewHandler reviews)
{
    public Task RouteAsync(ResourceRequest request)
    {
        var definition = request.Definition;
        if (definition.IsVirtual)
        {
            return request.Info is { Verb: "create", Subresource: null }
                ? reviews.AnswerAsync(request)
                : throw ApiErrors.MethodNotAllowed();
        }

        if (!definition.IsNamespaced && request.Info.Namespace is not null && definition.Id.Plural != "namespaces")
        {
            throw ApiErrors.UnknownResource();
        }

        return request.Info.Subresource switch
        {
            null => RouteVerb(request),
            "status" when definition.HasStatus => RouteStatus(request),
            "scale" when definition.Scale is not null => scale.HandleAsync(request),
            var name when definition.Subresources.FirstOrDefault(sub => sub.Name == name) is { } subresource =>
                subresource.Verbs.Contains(request.Info.Verb)
                    ? subresources.HandleAsync(request)
                    : throw ApiErrors.MethodNotAllowed(),
            _ => throw ApiErrors.UnknownResource(),
        };
    }

    private Task RouteVerb(ResourceRequest request)
    {
        var isNamed = request.Info.IsNamed;
        return request.Info.Verb switch
        {
            "watch" => watches.WatchAsync(request),
            "list" => reader.ListAsync(request),
            "get" => reader.GetAsync(request),
            "create" when !isNamed => writer.CreateAsync(request),
            "update" when isNamed => writer.UpdateAsync(request),
            "patch" when isNamed => patcher.PatchAsync(request),
            "delete" => deleter.DeleteAsync(request),
            "deletecollection" => deleter.DeleteCollectionAsync(request),
            _ => throw ApiErrors.MethodNotAllowed(),
        };
    }

    private Task RouteStatus(ResourceRequest request) => request.Info.Verb switch
    {
        "get" => reader.GetAsync(request),
        "update" => writer.UpdateAsync(request),
        "patch" => patcher.PatchAsync(request),
        _ => throw ApiErrors.MethodNotAllowed(),
    };
}
