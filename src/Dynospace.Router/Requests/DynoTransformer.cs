using System.Globalization;
using Dynospace.Api.Spaces;
using Dynospace.Router.Exchanges;
using Dynospace.Router.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Dynospace.Router.Requests;

/// <summary>Writes the request that a dyno gets and the response that the client gets.</summary>
internal sealed class DynoTransformer(Exchange exchange, RequestFacts facts, RouterSettings settings) : HttpTransformer
{
    private const string StrictTransportSecurity = "max-age=31536000; includeSubDomains";

    /// <inheritdoc/>
    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var headers = httpContext.Request.Headers;
        exchange.BodylessHeaders = null;
        proxyRequest.RequestUri = RequestTarget.UriOf(facts.Path);
        proxyRequest.Headers.TryAddWithoutValidation("Host", facts.Host);
        CopyHeaders(headers, proxyRequest);
        AddOwn(headers, proxyRequest, httpContext.Request.Protocol);
        AddUpgrade(httpContext, headers, proxyRequest);
        exchange.IsRepeatable = exchange.RequestBody is null && IsIdempotent(httpContext.Request.Method);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return ValueTask.FromResult(false);
        }

        if (ResponseCheck.Find(proxyResponse) is { } error)
        {
            throw new RefusedResponseException(error);
        }

        var headers = httpContext.Response.Headers;
        ResponseHeaders.Copy(proxyResponse, headers);
        headers.Via = StringValues.Concat(headers.Via, ViaValues.Response);
        if (settings.Runtime == SpaceRuntime.Shield && facts.IsTls)
        {
            headers.StrictTransportSecurity = StrictTransportSecurity;
        }

        if (facts.IsDraining() && !HttpProtocol.IsHttp2(httpContext.Request.Protocol) && httpContext.Response.StatusCode != 101)
        {
            headers.Connection = "close";
        }

        exchange.Response!.IsHeadComplete = proxyResponse.StatusCode != System.Net.HttpStatusCode.SwitchingProtocols;
        return ValueTask.FromResult(true);
    }

    private void CopyHeaders(IHeaderDictionary headers, HttpRequestMessage proxyRequest)
    {
        var connection = headers.Connection;
        var namesHeaders = HopHeaders.NamesHeaders(connection);
        foreach (var (name, values) in headers)
        {
            if (name[0] != ':' && !HopHeaders.OfRequest.Contains(name) && !(namesHeaders && HopHeaders.IsNamed(connection, name)))
            {
                Add(proxyRequest, name, values);
            }
        }

        if (proxyRequest.Content is { } content && headers.ContentLength is { } length)
        {
            content.Headers.ContentLength = length;
        }
    }

    private void Add(HttpRequestMessage request, string name, StringValues values)
    {
        // HTTP/2 splits cookies; HTTP/1.1 has one line for them.
        var value = values.Count == 1 ? values[0]
            : string.Join(name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? "; " : ", ", values.ToArray());
        if (request.Headers.TryAddWithoutValidation(name, value))
        {
            return;
        }

        // A header of a body; the forwarder lets nobody make a body where the client sent none.
        if (request.Content is { } content)
        {
            content.Headers.TryAddWithoutValidation(name, value);
        }
        else
        {
            (exchange.BodylessHeaders ??= []).Add(new(name, value));
        }
    }

    private void AddOwn(IHeaderDictionary headers, HttpRequestMessage proxyRequest, string protocol)
    {
        var own = proxyRequest.Headers;
        own.TryAddWithoutValidation("X-Request-Id", facts.RequestId);
        own.TryAddWithoutValidation("X-Forwarded-For", facts.ForwardedFor);
        own.TryAddWithoutValidation("X-Forwarded-Proto", facts.IsTls ? "https" : "http");
        own.TryAddWithoutValidation("X-Forwarded-Port", facts.Port);
        own.TryAddWithoutValidation("X-Request-Start", facts.StartedUnixMilliseconds.ToString(CultureInfo.InvariantCulture));
        var via = ViaValues.Request(protocol);
        own.TryAddWithoutValidation("Via", headers.Via.Count == 0 ? via : $"{headers.Via}, {via}");
    }

    /// <summary>The forwarder passes upgrades to WebSocket by itself; any other is asked for here.</summary>
    private static void AddUpgrade(HttpContext context, IHeaderDictionary headers, HttpRequestMessage proxyRequest)
    {
        if (headers.Upgrade.Count == 0
            || context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }
            || UpgradeRequest.IsWebSocket(headers)
            || UpgradeRequest.IsHttp2(headers)
            || headers.Upgrade.ToString().StartsWith("SPDY/", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        proxyRequest.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        proxyRequest.Headers.TryAddWithoutValidation("Upgrade", headers.Upgrade.ToString());
    }

    private static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method);
}
