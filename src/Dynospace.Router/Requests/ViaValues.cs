namespace Dynospace.Router.Requests;

/// <summary>How the router names itself in Via.</summary>
internal static class ViaValues
{
    public const string Response = "1.1 dynospace";

    public static string Request(string protocol) => protocol switch
    {
        "HTTP/2" => "2.0 dynospace",
        "HTTP/1.0" => "1.0 dynospace",
        _ => "1.1 dynospace",
    };
}
