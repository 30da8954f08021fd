using System.Runtime.CompilerServices;
using Dynospace.Api.Spaces;
using Dynospace.Router.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Dynospace.Router.Proxying;

/// <summary>Passes a dyno's response to the client as it arrives.</summary>
internal static class ClientResponse
{
    private const string StrictTransportSecurity = "max-age=31536000; includeSubDomains";

    /// <summary>
    /// Copies the dyno's status and headers to the client's response; they are sent with the first part of the body.
    /// </summary>
    /// <param name="isLast">Whether the client's connection ends with this response.</param>
    public static void Begin(HttpContext context, Visit visit, ResponseHead head, bool isLast)
    {
        var response = context.Response;
        response.StatusCode = head.Status;
        if (head.Reason is { } reason)
        {
            context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = reason;
        }

        head.CopyTo(response.Headers);
        AddOwn(context, visit, isLast);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask CopyBodyAsync(HttpContext context, Visit visit, ResponseBody body)
    {
        var (client, progress) = (visit.Response, visit.Exchange.Progress);
        body.Begin(!HttpMethods.IsHead(context.Request.Method));
        while (!body.IsComplete)
        {
            var content = body.Next();
            if (content.Length > 0)
            {
                await client.WriteAsync(content);
            }

            body.Advance();
            if (!body.IsComplete)
            {
                await ReadAsync(client, body, progress);
            }
        }

        if (body.HasTrailers)
        {
            await CopyTrailersAsync(context, body, progress);
        }
    }

    /// <summary>
    /// If the body is delayed, the client gets at least the head: clients of event streams wait for it.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ReadAsync(ClientBody client, ResponseBody body, ExchangeProgress progress)
    {
        var reading = body.ReadAsync(progress);
        if (!reading.IsCompleted && client.Bytes == 0)
        {
            await client.SendHeadAsync();
        }

        if (await reading == 0)
        {
            body.End();
        }
    }

    /// <summary>Trailers are passed on if the client's protocol supports them.</summary>
    private static async ValueTask CopyTrailersAsync(HttpContext context, ResponseBody body, ExchangeProgress progress)
    {
        var target = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        while (await body.TrailerAsync(progress) is { } trailer)
        {
            if (trailer.Kind == HeaderKind.Plain && target is { IsReadOnly: false })
            {
                target[trailer.Name] = StringValues.Concat(target[trailer.Name], trailer.Value);
            }
        }
    }

    /// <summary>Adds the headers that the router sets on every dyno's response.</summary>
    private static void AddOwn(HttpContext context, Visit visit, bool isLast)
    {
        var headers = context.Response.Headers;
        headers.Via = headers.Via is { Count: > 0 } via
            ? StringValues.Concat(via, ViaValues.Response)
            : ViaValues.Response;
        if (visit.Settings.Runtime == SpaceRuntime.Shield && visit.Facts.IsTls)
        {
            headers.StrictTransportSecurity = StrictTransportSecurity;
        }

        if (isLast
            && !HttpProtocol.IsHttp2(context.Request.Protocol)
            && context.Response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            headers.Connection = "close";
        }
    }
}

/// <summary>Writes to the client, counts the bytes, and reports when a write waits for the client.</summary>
internal sealed class ClientBody(Stream stream, Exchange exchange)
{
    private bool _isHeadSent;
    private long _bytes;

    /// <summary>The bytes written to the client's connection.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The stream to write to; another one after an upgrade.</summary>
    public Stream Stream { get; set; } = stream;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> content)
    {
        var written = Stream.WriteAsync(content, CancellationToken.None);
        if (!written.IsCompletedSuccessfully)
        {
            return AwaitAsync(written, content.Length);
        }

        Volatile.Write(ref _bytes, _bytes + content.Length);
        return ValueTask.CompletedTask;
    }

    /// <summary>Sends the head alone, because the body is delayed.</summary>
    public async ValueTask SendHeadAsync()
    {
        if (_isHeadSent)
        {
            return;
        }

        _isHeadSent = true;
        try
        {
            await Stream.FlushAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client is gone; the first write reports that.
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitAsync(ValueTask written, int length)
    {
        exchange.BeginClientWrite();
        try
        {
            await written;
            Volatile.Write(ref _bytes, _bytes + length);
        }
        finally
        {
            exchange.Progress.EndClientWrite();
        }
    }
}
