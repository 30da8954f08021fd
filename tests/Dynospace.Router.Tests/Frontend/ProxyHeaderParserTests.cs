using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using System.Text;
using CsCheck;
using Dynospace.Router.Frontend;

namespace Dynospace.Router.Tests.Frontend;

public sealed class ProxyHeaderParserTests
{
    [Theory]
    [InlineData("PROXY TCP4 198.51.100.7 203.0.113.5 51234 443\r\n", "198.51.100.7:51234")]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535")]
    [InlineData("PROXY TCP4 198.51.100.7 203.0.113.5 0 0\r\n", "198.51.100.7:0")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::5 51234 443\r\n", "[2001:db8::7]:51234")]
    [InlineData("PROXY TCP6 ffff:f:f:f:f:f:f:ffff ffff:f:f:f:f:f:f:ffff 1 2\r\n", "[ffff:f:f:f:f:f:f:ffff]:1")]
    [InlineData("PROXY TCP6 ::ffff:198.51.100.7 ::1 1 2\r\n", "[::ffff:198.51.100.7]:1")]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", null)]
    [InlineData("PROXY UNKNOWN whatever this is\r\n", null)]
    public void A_line_of_version_1_tells_the_client(string line, string? client)
    {
        var state = ProxyHeaderParser.Parse(Encoding.ASCII.GetBytes(line + "GET / HTTP/1.1\r\n"), out var header);
        Assert.Equal(ProxyHeaderState.Complete, state);
        Assert.Equal(line.Length, header.Length);
        Assert.Equal(client, header.Client?.ToString());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PROXX")]
    [InlineData("PROXY  TCP4 198.51.100.7 203.0.113.5 51234 443\r\n")]
    [InlineData("PROXY TCP4  198.51.100.7 203.0.113.5 51234 443\r\n")]
    [InlineData("PROXY TCP4 198.51.100.7 203.0.113.5 51234 443 \r\n")]
    [InlineData("PROXY TCP4 198.51.100.7 203.0.113.5 51234 443\n\r\n")]
    [InlineData("PROXY TCP4 198.51.100.7 203.0.113.5 51234\r\n")]
    [InlineData("PROXY TCP4 198.51.100.7 203.0.113.5 51234 443 1\r\n")]
    [InlineData("PROXY TCP4 198.51.100 203.0.113.5 51234 443\r\n")]
    [InlineData("PROXY TCP4 198.51.100.07 203.0.113.5 51234 443\r\n")]
    [InlineData("PROXY TCP4 0xc6.51.100.7 203.0.113.5 51234 443\r\n")]
    [InlineData("PROXY TCP4 198.51.100.7 203.0.113.256 51234 443\r\n")]
    [InlineData("PROXY TCP4 2001:db8::7 2001:db8::5 51234 443\r\n")]
    [InlineData("PROXY TCP6 198.51.100.7 203.0.113.5 51234 443\r\n")]
    [InlineData("PROXY TCP6 fe80::1%1 2001:db8::5 51234 443\r\n")]
    [InlineData("PROXY TCP6 [2001:db8::7] 2001:db8::5 51234 443\r\n")]
    [InlineData("PROXY TCP4 198.51.100.7 203.0.113.5 65536 443\r\n")]
    [InlineData("PROXY TCP4 198.51.100.7 203.0.113.5 051234 443\r\n")]
    [InlineData("PROXY TCP4 198.51.100.7 203.0.113.5 +1 443\r\n")]
    [InlineData("PROXY UDP4 198.51.100.7 203.0.113.5 51234 443\r\n")]
    [InlineData("PROXY tcp4 198.51.100.7 203.0.113.5 51234 443\r\n")]
    [InlineData("PROXY \r\n")]
    [InlineData("PROXY UNKNOWN \t\r\n")]
    [InlineData(
        "PROXY UNKNOWN "
        + "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\r\n")]
    public void What_is_not_exactly_a_header_is_refused(string text) =>
        Assert.Equal(ProxyHeaderState.Malformed, ProxyHeaderParser.Parse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData(0x11, "198.51.100.7", "198.51.100.7:51234")]
    [InlineData(0x21, "2001:db8::7", "[2001:db8::7]:51234")]
    [InlineData(0x21, "::ffff:198.51.100.7", "[::ffff:198.51.100.7]:51234")]
    public void A_header_of_version_2_tells_the_client(int family, string address, string client)
    {
        var header = Binary(0x21, (byte)family, Addresses(address));
        Assert.Equal(ProxyHeaderState.Complete, ProxyHeaderParser.Parse([.. header, 1, 2, 3], out var read));
        Assert.Equal(header.Length, read.Length);
        Assert.Equal(client, read.Client?.ToString());
    }

    [Theory]
    [InlineData(0x20, 0x00, 0)]
    [InlineData(0x20, 0x11, 12)]
    [InlineData(0x20, 0x11, 3)]
    [InlineData(0x20, 0x31, 216)]
    [InlineData(0x21, 0x00, 0)]
    [InlineData(0x21, 0x00, 7)]
    public void What_a_proxy_sends_for_itself_or_cannot_name_keeps_the_proxys_own_address(
        int command, int family, int length)
    {
        var header = Binary((byte)command, (byte)family, new byte[length]);
        Assert.Equal(ProxyHeaderState.Complete, ProxyHeaderParser.Parse(header, out var read));
        Assert.Equal(header.Length, read.Length);
        Assert.Null(read.Client);
    }

    [Theory]
    [InlineData(0x22, 0x11, 12)]
    [InlineData(0x11, 0x11, 12)]
    [InlineData(0x31, 0x11, 12)]
    [InlineData(0x21, 0x12, 12)]
    [InlineData(0x21, 0x22, 36)]
    [InlineData(0x21, 0x31, 216)]
    [InlineData(0x21, 0x11, 11)]
    [InlineData(0x21, 0x21, 35)]
    [InlineData(0x21, 0x11, 13)]
    [InlineData(0x21, 0x11, 14)]
    public void A_header_of_version_2_that_is_not_of_a_TCP_connection_or_too_short_is_refused(
        int command, int family, int length) =>
        Assert.Equal(
            ProxyHeaderState.Malformed, ProxyHeaderParser.Parse(
                Binary((byte)command, (byte)family, new byte[length]), out _));

    [Fact]
    public void Extensions_are_skipped_and_must_be_whole()
    {
        byte[] addresses = Addresses("198.51.100.7");
        Assert.Equal(
            ProxyHeaderState.Complete, ProxyHeaderParser.Parse(
                Binary(0x21, 0x11, [.. addresses, 0xEA, 0, 2, 1, 1, 0x04, 0, 0]), out _));
        Assert.Equal(
            ProxyHeaderState.Malformed, ProxyHeaderParser.Parse(
                Binary(0x21, 0x11, [.. addresses, 0xEA, 0, 3, 1, 1]), out _));
    }

    [Theory]
    [InlineData(0, ProxyHeaderState.Complete)]
    [InlineData(1, ProxyHeaderState.Malformed)]
    public void A_checksum_must_be_right(int error, object expected)
    {
        var header = Binary(0x21, 0x11, [.. Addresses("198.51.100.7"), 3, 0, 4, 0, 0, 0, 0]);
        var sum = uint.MaxValue;
        foreach (var value in header)
        {
            sum = BitOperations.Crc32C(sum, value);
        }

        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(header.Length - 4), ~sum ^ (uint)error);
        Assert.Equal(expected, ProxyHeaderParser.Parse(header, out _));
    }

    [Fact]
    public void Every_beginning_of_a_header_waits_for_the_rest()
    {
        foreach (
            var whole in new[]
            {
                Encoding.ASCII.GetBytes("PROXY TCP4 198.51.100.7 203.0.113.5 51234 443\r\n"),
                Binary(0x21, 0x21, Addresses("2001:db8::7")),
            })
        {
            for (var length = 0; length < whole.Length; length++)
            {
                Assert.Equal(ProxyHeaderState.Incomplete, ProxyHeaderParser.Parse(whole.AsSpan(0, length), out _));
            }
        }
    }

    [Fact]
    public void Whatever_comes_the_verdict_stays_once_it_is_given()
    {
        byte[][] seeds =
        [
            Encoding.ASCII.GetBytes("PROXY TCP4 198.51.100.7 203.0.113.5 51234 443\r\n"),
            Binary(0x21, 0x11, [.. Addresses("198.51.100.7"), 4, 0, 1, 9]),
        ];
        var mutated = Gen.Select(
            Gen.Int[0, 1].Select(i => seeds[i]),
            Gen.Select(Gen.Int[0, 60], Gen.Byte).List[0, 3],
            Gen.Byte.Array[0, 40],
            (seed, changes, tail) =>
            {
                byte[] bytes = [.. seed, .. tail];
                foreach (var (at, value) in changes.Where(change => change.Item1 < bytes.Length))
                {
                    bytes[at] = value;
                }

                return bytes;
            });
        mutated.Sample(bytes =>
        {
            var verdict = ProxyHeaderState.Incomplete;
            ProxyHeader header = default;
            for (var length = 0; length <= bytes.Length; length++)
            {
                var state = ProxyHeaderParser.Parse(bytes.AsSpan(0, length), out var read);
                if (verdict != ProxyHeaderState.Incomplete && (state != verdict || read != header))
                {
                    return false;
                }

                if (state == ProxyHeaderState.Complete && (read.Length == 0 || read.Length > length))
                {
                    return false;
                }

                (verdict, header) = (state, read);
            }

            return true;
        });
    }

    private static byte[] Addresses(string client)
    {
        var address = IPAddress.Parse(client).GetAddressBytes();
        return [.. address, .. address, 200, 34, 1, 187];
    }

    private static byte[] Binary(byte command, byte family, byte[] rest) =>
        [.. "\r\n\r\n\0\r\nQUIT\n"u8, command, family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];
}
