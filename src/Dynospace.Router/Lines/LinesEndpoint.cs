// Lines: lets users read the router's lines of their own apps, and of no others.

using System.Net;
using System.Security.Cryptography.X509Certificates;
using Dynospace.Router.Logging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Lines;

/// <summary>
/// Serves the lines of an app's requests to its users, on a separate port. They reach it through the API server, and it
/// asks the API server whether the bearer of the token may read logs in the app's namespace.
/// </summary>
public sealed class LinesEndpoint : IAsyncDisposable
{
    private const int MostConnections = 500;

    private readonly WebApplication _app;

    private LinesEndpoint(WebApplication app) => _app = app;

    /// <summary>The bound port.</summary>
    public int Port => new Uri(_app.Urls.First()).Port;

    /// <param name="certificate">Self-signed: the API server's proxy does not check it.</param>
    /// <param name="stopping">Ends streams that would otherwise be endless.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<LinesEndpoint> StartAsync(
        IPEndPoint endpoint, X509Certificate2 certificate, RecentLines lines, ILineAccess access, ILinePeers peers,
        TimeProvider clock, ILoggerFactory loggers, CancellationToken stopping)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(endpoint, listen => listen.UseHttps(certificate));
        });
        var app = builder.Build();
        var stream = new LineStream(lines, peers, access, clock, loggers.CreateLogger<LineStream>());
        app.MapGet(LineQuery.Path, context => AnswerAsync(context, stream, access, lines.Instance, stopping));
        await app.StartAsync(stopping);
        return new LinesEndpoint(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(
        HttpContext context, LineStream stream, ILineAccess access, string instance, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.Headers[LineQuery.InstanceHeader] = instance;
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            if (LineQuery.FromRequest(context.Request, out var problem) is not { } query)
            {
                await RefuseAsync(context, StatusCodes.Status400BadRequest, problem);
                return;
            }

            var verdict = query.Token.Length == 0
                ? LineVerdict.Unknown
                : await access.JudgeAsync(query.Token, query.Space, ending.Token);
            if (verdict != LineVerdict.Allowed)
            {
                await RefuseAsync(context, verdict, query);
                return;
            }

            context.Response.ContentType = "text/plain; charset=utf-8";
            await (query.Follow
                ? FollowAsync(context, stream, query, ending.Token)
                : stream.WriteAsync(query, context.Response, ending.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The reader left, or the router is ending and the reader will connect to another pod.
        }
    }

    /// <summary>The head is sent at once, so that the reader knows that it has access.</summary>
    private static async Task FollowAsync(
        HttpContext context, LineStream stream, LineQuery query, CancellationToken cancellationToken)
    {
        await context.Response.Body.FlushAsync(cancellationToken);
        await stream.FollowAsync(query, context.Response, cancellationToken);
    }

    private static Task RefuseAsync(HttpContext context, LineVerdict verdict, LineQuery query) => verdict switch
    {
        LineVerdict.Unknown => RefuseAsync(
            context, StatusCodes.Status401Unauthorized,
            "the API server does not know the token: renew the credentials of the kubeconfig's user"),
        LineVerdict.Forbidden => RefuseAsync(
            context, StatusCodes.Status403Forbidden,
            $"you may not read logs (get pods/log) in namespace {query.Space}, which its router lines need: ask for a "
            + "role that allows it"),
        _ => RefuseAsync(
            context, StatusCodes.Status503ServiceUnavailable,
            "the API server does not say who may read these lines: try again"),
    };

    private static async Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync($"{message}\n", CancellationToken.None);
    }
}
