using Dynospace.Router.Errors;
using Dynospace.Router.Exchanges;
using Dynospace.Router.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Dynospace.Router.Wire;

/// <summary>What follows the last chunk: headers for clients whose protocol can tell them, and an empty line.</summary>
internal static class ResponseTrailers
{
    private const int MaxLine = 8_192;
    private const int MaxLines = 1_000;

    public static async ValueTask CopyAsync(DynoConnection dyno, Exchange exchange, HttpContext context)
    {
        var target = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        for (var lines = 0; lines <= MaxLines; lines++)
        {
            var length = await LineAsync(dyno, exchange);
            if (IsLast(dyno, length, target))
            {
                return;
            }
        }

        throw new RefusedResponseException(RouterErrors.HttpRestriction);
    }

    private static bool IsLast(DynoConnection dyno, int length, IHeaderDictionary? target)
    {
        var line = HeadLines.WithoutReturn(dyno.Available.Span[..length]);
        var isLast = line.IsEmpty;
        if (!isLast && HeaderLine.Parse(line) is { Kind: HeaderKind.Plain } trailer && target is { IsReadOnly: false })
        {
            target[trailer.Name] = StringValues.Concat(target[trailer.Name], trailer.Value);
        }

        dyno.Take(length + 1);
        return isLast;
    }

    /// <summary>Waits for a line; its length without the line feed.</summary>
    private static async ValueTask<int> LineAsync(DynoConnection dyno, Exchange exchange)
    {
        var scanned = 0;
        while (true)
        {
            var found = dyno.Available.Span[scanned..].IndexOf((byte)'\n');
            if (found >= 0)
            {
                return scanned + found;
            }

            scanned = dyno.Available.Length;
            if (scanned > MaxLine)
            {
                throw new RefusedResponseException(RouterErrors.HttpRestriction);
            }

            if (await dyno.ReadAsync(exchange) == 0)
            {
                throw new CutResponseException(null);
            }
        }
    }
}
