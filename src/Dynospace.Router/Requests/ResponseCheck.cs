using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Dynospace.Router.Errors;

namespace Dynospace.Router.Requests;

/// <summary>Refuses responses that are beyond the limits (H25) or make no sense (H17).</summary>
internal static class ResponseCheck
{
    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(c => c != '\t').Append(127).Select(c => (char)c)]);

    public static RouterError? Find(HttpResponseMessage response)
    {
        if ((int)response.StatusCode < 200 && response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            return RouterErrors.PoorlyFormattedResponse;
        }

        if (response.ReasonPhrase.AsSpan().ContainsAny(Controls))
        {
            return RouterErrors.PoorlyFormattedResponse;
        }

        return FramingError(response) ?? ValuesError(response.Headers.NonValidated) ?? ValuesError(response.Content.Headers.NonValidated);
    }

    /// <summary>Where a body ends must be said once, or the next response on the connection begins somewhere else.</summary>
    private static RouterError? FramingError(HttpResponseMessage response)
    {
        var isEncoded = response.Headers.NonValidated.TryGetValues("Transfer-Encoding", out var encoding);
        if (isEncoded && !string.Equals(encoding.ToString(), "chunked", StringComparison.OrdinalIgnoreCase))
        {
            return RouterErrors.PoorlyFormattedResponse;
        }

        if (!response.Content.Headers.NonValidated.TryGetValues("Content-Length", out var length))
        {
            return null;
        }

        var text = length.ToString();
        return isEncoded || text.Length is 0 or > 18 || text.AsSpan().ContainsAnyExceptInRange('0', '9')
            ? RouterErrors.PoorlyFormattedResponse
            : null;
    }

    private static RouterError? ValuesError(HttpHeadersNonValidated headers)
    {
        foreach (var (name, values) in headers)
        {
            var isCookie = name.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase);
            foreach (var value in values)
            {
                if (isCookie && value.Length > ResponseLimits.Cookie)
                {
                    return RouterErrors.HttpRestriction;
                }

                if (value.AsSpan().ContainsAny(Controls))
                {
                    return RouterErrors.PoorlyFormattedResponse;
                }
            }
        }

        return null;
    }
}
