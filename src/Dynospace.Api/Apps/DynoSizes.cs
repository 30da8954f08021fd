namespace Dynospace.Api.Apps;

/// <summary>Names of dyno sizes. A Shield space runs the Private ones under its own rules.</summary>
public static class DynoSizes
{
    /// <summary>The size of a process that names none.</summary>
    public const string Default = Standard1X;

    /// <summary>512 MB.</summary>
    public const string Eco = "Eco";

    /// <summary>512 MB.</summary>
    public const string Basic = "Basic";

    /// <summary>512 MB.</summary>
    public const string Standard1X = "Standard-1X";

    /// <summary>1 GB.</summary>
    public const string Standard2X = "Standard-2X";

    /// <summary>1 GB.</summary>
    public const string PrivateS = "Private-S";

    /// <summary>2.5 GB.</summary>
    public const string PrivateM = "Private-M";

    /// <summary>14 GB.</summary>
    public const string PrivateL = "Private-L";

    /// <summary>30 GB.</summary>
    public const string PrivateLRam = "Private-L-RAM";

    /// <summary>62 GB.</summary>
    public const string PrivateXL = "Private-XL";

    /// <summary>126 GB.</summary>
    public const string Private2XL = "Private-2XL";
}
