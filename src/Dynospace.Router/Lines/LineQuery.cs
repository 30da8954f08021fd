using System.Globalization;
using System.Text;
using Dynospace.Router.Logging;
using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Lines;

// The query and the lines of its answer, `TIME INSTANCE NUMBER LINE`. The number grows within an instance, so that a
// reader that reconnects knows which lines it already has.

/// <summary>The lines of an app that a reader requests, with the reader's token.</summary>
public sealed record LineQuery(string Space, string App, string Token)
{
    /// <summary>The path of the endpoint.</summary>
    public const string Path = "/lines";

    /// <summary>The header with the reader's token. The API server's proxy removes <c>Authorization</c>.</summary>
    public const string TokenHeader = "X-Dynospace-Token";

    /// <summary>The header of an answer that names the process that sent it.</summary>
    public const string InstanceHeader = "X-Dynospace-Instance";

    /// <summary>Whether the stream stays open.</summary>
    public bool Follow { get; init; }

    /// <summary>
    /// Whether the answer has only the lines of the process that gets the query; set in queries between pods.
    /// </summary>
    public bool IsAlone { get; init; }

    /// <summary>The time of the oldest line; null for any.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>How many of the most recent lines; null for all.</summary>
    public int? Tail { get; init; }

    /// <summary>The parameters of a URL, without the token.</summary>
    public IReadOnlyDictionary<string, string> ToParameters()
    {
        var parameters = new Dictionary<string, string> { ["space"] = Space, ["app"] = App };
        if (Follow)
        {
            parameters["follow"] = "true";
        }

        if (IsAlone)
        {
            parameters["alone"] = "true";
        }

        if (Since is { } since)
        {
            parameters["since"] = since.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        }

        if (Tail is { } tail)
        {
            parameters["tail"] = tail.ToString(CultureInfo.InvariantCulture);
        }

        return parameters;
    }

    /// <summary>The parameters as the query of a URL.</summary>
    internal string ToQueryString() => string.Join(
        '&', ToParameters().Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value)}"));

    /// <summary>Null if a parameter is missing or invalid; <paramref name="problem"/> states which.</summary>
    internal static LineQuery? FromRequest(HttpRequest request, out string problem)
    {
        problem = "";
        var (space, app) = (request.Query["space"].ToString(), request.Query["app"].ToString());
        if (space.Length == 0 || app.Length == 0)
        {
            problem = "space and app must be named: /lines?space=acme-prod&app=shop";
            return null;
        }

        var query = new LineQuery(space, app, request.Headers[TokenHeader].ToString())
        {
            Follow = request.Query["follow"] == "true",
            IsAlone = request.Query["alone"] == "true",
        };
        if (request.Query["since"].ToString() is { Length: > 0 } since)
        {
            if (!DateTimeOffset.TryParse(
                since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            {
                problem = $"since '{since}' is not a time: use one such as 2026-01-31T12:00:00Z";
                return null;
            }

            query = query with { Since = time };
        }

        if (request.Query["tail"].ToString() is { Length: > 0 } tail)
        {
            if (!int.TryParse(tail, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                problem = $"tail '{tail}' is not a number of lines: use 0 or more";
                return null;
            }

            query = query with { Tail = count };
        }

        return query;
    }
}

/// <summary>Lines on the wire.</summary>
internal static class WireLine
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    /// <summary>The line with its line end.</summary>
    public static byte[] Write(string instance, in RecentLine line)
    {
        var time = new DateTime(line.Ticks, DateTimeKind.Utc).ToString(TimeFormat, CultureInfo.InvariantCulture);
        var head = string.Create(CultureInfo.InvariantCulture, $"{time} {instance} {line.Sequence} ");
        var text = new byte[head.Length + line.Text.Length + 1];
        Encoding.ASCII.GetBytes(head, text);
        line.Text.CopyTo(text, head.Length);
        text[^1] = (byte)'\n';
        return text;
    }
}
