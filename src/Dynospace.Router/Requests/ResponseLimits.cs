namespace Dynospace.Router.Requests;

/// <summary>What the platform lets a dyno's response have (H25), whichever way its request went.</summary>
internal static class ResponseLimits
{
    /// <summary>Bytes of the status line, with its end.</summary>
    public const int StatusLine = 8_192;

    /// <summary>Bytes of a cookie.</summary>
    public const int Cookie = 8_192;

    /// <summary>Of the head as a whole, in units of 1,024 bytes.</summary>
    public const int HeadKilobytes = 512;
}
