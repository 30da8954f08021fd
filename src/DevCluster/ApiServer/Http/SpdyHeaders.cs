using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace DevCluster.ApiServer.Http;

// The headers of SPDY/3.1 streams: one zlib stream for each direction of a connection, flushed after each block.

/// <summary>Decompresses the client's header blocks.</summary>
internal sealed class SpdyHeaderReader : IDisposable
{
    private const int ZlibHeader = 2;
    private const int DictionaryId = 4;
    private const byte HasDictionary = 0x20;
    private const int MostNames = 100;
    private const int LongestText = 16 * 1024;

    private readonly Feed _feed = new();
    private readonly DeflateStream _inflated;
    private bool _isBegun;

    public SpdyHeaderReader() => _inflated = new DeflateStream(_feed, CompressionMode.Decompress);

    /// <summary>The headers of the next block, with lower-case names.</summary>
    /// <exception cref="InvalidDataException">The block is invalid.</exception>
    public IReadOnlyDictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        _feed.Add(_isBegun ? block : Begin(block));
        try
        {
            var headers = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var left = Number(MostNames); left > 0; left--)
            {
                var name = Text();
                headers[name] = Text();
            }

            return headers;
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("a block of headers ends early", e);
        }
    }

    public void Dispose()
    {
        _inflated.Dispose();
        _feed.Dispose();
    }

    /// <summary>
    /// .NET's inflater does not support preset dictionaries. It therefore first receives the dictionary as a stored
    /// block, and then the stream without the header that names the dictionary.
    /// </summary>
    private ReadOnlySpan<byte> Begin(ReadOnlySpan<byte> block)
    {
        if (block.Length < ZlibHeader)
        {
            throw new InvalidDataException("a block of headers ends early");
        }

        _isBegun = true;
        var skipped = ZlibHeader;
        if ((block[1] & HasDictionary) != 0)
        {
            skipped += DictionaryId;
            var dictionary = SpdyDictionary.Bytes;
            var stored = new byte[5];
            BinaryPrimitives.WriteUInt16LittleEndian(stored.AsSpan(1), (ushort)dictionary.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(stored.AsSpan(3), (ushort)~dictionary.Length);
            _feed.Add(stored);
            _feed.Add(dictionary);
            _inflated.ReadExactly(new byte[dictionary.Length]);
        }

        return block.Length > skipped ? block[skipped..] : [];
    }

    private string Text()
    {
        var bytes = new byte[Number(LongestText)];
        _inflated.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private int Number(int most)
    {
        Span<byte> bytes = stackalloc byte[4];
        _inflated.ReadExactly(bytes);
        var number = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return number <= (uint)most ? (int)number : throw new InvalidDataException("a block of headers is too long");
    }

    /// <summary>The blocks received so far. Reads end at the end of the last block.</summary>
    private sealed class Feed : MemoryStream
    {
        public void Add(ReadOnlySpan<byte> bytes)
        {
            if (Position == Length)
            {
                SetLength(0);
            }

            var position = Position;
            Position = Length;
            Write(bytes);
            Position = position;
        }
    }
}

/// <summary>Writes the header blocks of replies. They use no dictionary, which clients accept.</summary>
internal sealed class SpdyHeaderWriter : IDisposable
{
    private readonly MemoryStream _written = new();
    private readonly ZLibStream _deflated;

    public SpdyHeaderWriter() => _deflated = new ZLibStream(_written, CompressionLevel.Fastest, leaveOpen: true);

    /// <summary>A block without headers.</summary>
    public byte[] WriteEmpty()
    {
        _written.SetLength(0);
        _deflated.Write([0, 0, 0, 0]);
        _deflated.Flush();
        return _written.ToArray();
    }

    public void Dispose()
    {
        _deflated.Dispose();
        _written.Dispose();
    }
}

/// <summary>The dictionary that the SPDY/3 specification defines for both sides.</summary>
internal static class SpdyDictionary
{
    /// <summary>In the dictionary each word follows its length; here an underscore stands for a space.</summary>
    private const string Words =
        "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age "
        + "allow authorization cache-control connection content-base content-encoding content-language content-length "
        + "content-location content-md5 content-range content-type date etag expect expires from host if-match "
        + "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
        + "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding "
        + "upgrade user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public "
        + "set-cookie keep-alive origin";

    private const string Rest =
        "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
        + "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized"
        + "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
        + "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
        + "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,"
        + "text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

    public static byte[] Bytes { get; } =
    [
        .. Words.Split(' ').Select(word => word.Replace('_', ' '))
            .SelectMany(word => new byte[] { 0, 0, 0, (byte)word.Length }.Concat(Encoding.ASCII.GetBytes(word))),
        .. Encoding.ASCII.GetBytes(Rest),
    ];
}
