using System.Runtime.CompilerServices;
using Dynospace.Router.Errors;
using Dynospace.Router.Exchanges;
using Dynospace.Router.Requests;
using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Wire;

/// <summary>Passes the body of a dyno's response to the client as it comes.</summary>
internal static class ResponseBody
{
    public static ValueTask CopyAsync(DynoConnection dyno, Exchange exchange, HttpContext context)
    {
        var head = dyno.Response;
        if (HttpMethods.IsHead(context.Request.Method) || !head.MayHaveBody)
        {
            return ValueTask.CompletedTask;
        }

        return head switch
        {
            { ContentLength: 0 } => ValueTask.CompletedTask,
            { ContentLength: { } length } => CopyLengthAsync(dyno, exchange, length),
            { IsChunked: true } => CopyChunksAsync(dyno, exchange, context),
            _ => CopyRestAsync(dyno, exchange),
        };
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask CopyLengthAsync(DynoConnection dyno, Exchange exchange, long left)
    {
        while (true)
        {
            var count = (int)Math.Min(dyno.Available.Length, left);
            if (count > 0)
            {
                await exchange.Response!.WriteAsync(dyno.Available[..count], exchange.Cancellation);
                dyno.Take(count);
                left -= count;
            }

            if (left == 0)
            {
                return;
            }

            if (await ReadAsync(dyno, exchange, left) == 0)
            {
                throw new CutResponseException(null);
            }
        }
    }

    private static async ValueTask CopyChunksAsync(DynoConnection dyno, Exchange exchange, HttpContext context)
    {
        var chunks = default(ChunkDecoder);
        while (true)
        {
            var bytes = dyno.Available;
            if (!chunks.TryDecode(bytes.Span, out var taken, out var content))
            {
                throw new RefusedResponseException(RouterErrors.PoorlyFormattedResponse);
            }

            if (content > 0)
            {
                await exchange.Response!.WriteAsync(bytes[..content], exchange.Cancellation);
            }

            dyno.Take(taken);
            if (chunks.IsAtTrailers)
            {
                await ResponseTrailers.CopyAsync(dyno, exchange, context);
                return;
            }

            if (await ReadAsync(dyno, exchange) == 0)
            {
                throw new CutResponseException(null);
            }
        }
    }

    /// <summary>The body that ends with the connection.</summary>
    private static async ValueTask CopyRestAsync(DynoConnection dyno, Exchange exchange)
    {
        do
        {
            if (dyno.Available is { IsEmpty: false } bytes)
            {
                await exchange.Response!.WriteAsync(bytes, exchange.Cancellation);
                dyno.Take(bytes.Length);
            }
        }
        while (await ReadAsync(dyno, exchange) > 0);
    }

    /// <summary>When the dyno lets wait for its body, the client gets the head at least.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<int> ReadAsync(DynoConnection dyno, Exchange exchange, long expected = long.MaxValue)
    {
        dyno.Expect(expected);
        var reading = dyno.ReadAsync(exchange);
        if (!reading.IsCompleted && exchange.Response is { IsHeadComplete: true } response)
        {
            await response.SendHeadAsync();
        }

        return await reading;
    }
}
