using System.Globalization;
using Dynospace.Router.Exchanges;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Dynospace.Router.Requests;

/// <summary>Writes the request that a dyno gets and the response that the client gets.</summary>
internal sealed class DynoTransformer(RequestVisit visit) : HttpTransformer
{
    private readonly Exchange _exchange = visit.Exchange;
    private readonly RequestFacts _facts = visit.Facts;

    /// <inheritdoc/>
    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var headers = httpContext.Request.Headers;
        _exchange.BodylessHeaders = null;
        proxyRequest.RequestUri = RequestTarget.UriOf(_facts.Path);
        proxyRequest.Headers.TryAddWithoutValidation("Host", _facts.Host);
        CopyHeaders(headers, proxyRequest);
        AddOwn(headers, proxyRequest, httpContext.Request.Protocol);
        AddUpgrade(httpContext, headers, proxyRequest);
        _exchange.IsRepeatable = _exchange.RequestBody is null && IsIdempotent(httpContext.Request.Method);
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

        ResponseHeaders.Copy(proxyResponse, httpContext.Response.Headers);
        if (proxyResponse.StatusCode is System.Net.HttpStatusCode.NoContent or System.Net.HttpStatusCode.ResetContent)
        {
            httpContext.Response.ContentLength = null;   // Of a body that there cannot be; the server would not send it.
        }

        ClientResponse.AddOwn(httpContext, visit);
        _exchange.Response!.IsHeadComplete = proxyResponse.StatusCode != System.Net.HttpStatusCode.SwitchingProtocols;
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
            (_exchange.BodylessHeaders ??= []).Add(new(name, value));
        }
    }

    private void AddOwn(IHeaderDictionary headers, HttpRequestMessage proxyRequest, string protocol)
    {
        var own = proxyRequest.Headers;
        own.TryAddWithoutValidation("X-Request-Id", _facts.RequestId);
        own.TryAddWithoutValidation("X-Forwarded-For", _facts.ForwardedFor);
        own.TryAddWithoutValidation("X-Forwarded-Proto", _facts.IsTls ? "https" : "http");
        own.TryAddWithoutValidation("X-Forwarded-Port", _facts.Port);
        own.TryAddWithoutValidation("X-Request-Start", _facts.StartedUnixMilliseconds.ToString(CultureInfo.InvariantCulture));
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

    public static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method);
}
