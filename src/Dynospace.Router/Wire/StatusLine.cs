using System.Text;
using Dynospace.Router.Errors;
using Dynospace.Router.Requests;
using Microsoft.AspNetCore.WebUtilities;

namespace Dynospace.Router.Wire;

/// <summary>The first line of a response.</summary>
internal sealed class StatusLine
{
    private const int Prefix = 12;   // HTTP/1.1 200
    private readonly byte[] _bytes;

    private StatusLine(byte[] bytes, int status, string? reason, bool isHttp10) =>
        (_bytes, Status, Reason, IsHttp10) = (bytes, status, reason, isHttp10);

    public int Status { get; }

    /// <summary>Null when it is what the status is called anyway.</summary>
    public string? Reason { get; }

    public bool IsHttp10 { get; }

    /// <summary>Whether it was made of just these bytes.</summary>
    public bool Is(ReadOnlySpan<byte> line) => line.SequenceEqual(_bytes);

    /// <param name="line">Without its end.</param>
    /// <exception cref="RefusedResponseException">It is none.</exception>
    public static StatusLine Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length < Prefix
            || !line.StartsWith("HTTP/1."u8)
            || !IsDigit(line[7])
            || line[8] != ' '
            || line[9] is < (byte)'1' or > (byte)'9' || !IsDigit(line[10]) || !IsDigit(line[11])
            || (line.Length > Prefix && line[Prefix] != ' ')
            || HeaderLine.HasControls(line))
        {
            throw new RefusedResponseException(RouterErrors.PoorlyFormattedResponse);
        }

        var status = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + (line[11] - '0');
        var reason = line.Length > Prefix ? Encoding.Latin1.GetString(line[(Prefix + 1)..]) : "";
        var isUsual = reason.Length == 0 || reason == ReasonPhrases.GetReasonPhrase(status);
        return new(line.ToArray(), status, isUsual ? null : reason, line[7] == '0');
    }

    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';
}
